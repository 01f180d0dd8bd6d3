#!/bin/sh
# npm test: brings what the tests need, then checks types and style and runs every test, or only those named:
#   npm test -- 'src/host/*.test.ts'
# The tests make pods, networks and network namespaces, so this runs as root.
set -eu
cd "$(dirname "$0")/.."

if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "the tests need root: run them as root, or first as root: apt install sudo" >&2; exit 2; }
  proxies=http_proxy,https_proxy,no_proxy,HTTP_PROXY,HTTPS_PROXY,NO_PROXY
  exec sudo --preserve-env="NODE_EXTRA_CA_CERTS,$proxies" -- env PATH="$PATH" sh test/run.sh "$@"
fi

# The same lock and the same mark of a finished install as in ./allod.
install_for_development() {
  flock 9
  if [ -e node_modules/.bin/tsc ] && cmp -s package-lock.json node_modules/.allod-lock; then return; fi
  npm ci --include=dev --ignore-scripts --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.allod-lock
  chown -R --reference=package-lock.json node_modules
}
install_for_development 9<package.json

# The pinned Node comes first; without one for this machine, the Node on PATH has to do. Debian's npm (9.2)
# puts no link to it into .bin.
for folder in "$PWD"/node_modules/node-linux-*/bin; do PATH=$folder:$PATH; done
# Debian gives people a PATH without the commands of root, and su and this file keep it.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
node test/prepare.ts

failed=0
npm run --silent check || failed=1
[ $# -gt 0 ] || set -- 'src/**/*.test.ts' 'tools/**/*.test.ts' 'test/**/*.test.ts'
# One file after the other: system tests share this machine's ports and bridges.
node --disable-warning=ExperimentalWarning --test --test-concurrency=1 --test-reporter=spec "$@" || failed=1
[ $failed = 0 ] || echo "FAILED: see above" >&2
exit $failed
