import type { ImageRecipe } from '../../model/image.ts';
import { PUT_AWAY, putAwayScript } from './put-away.ts';
import { plugin } from './sign-on.ts';
import { bootScript, startScript } from './start.ts';

export const UID = 10030;
/** An instance of Debian's Redmine, ours alone; its configuration is what is rendered. */
const INSTANCE = '/var/lib/redmine/allod';
/** Cookies need a key even where there are none. */
const BUILD =
  'RAILS_ENV=production REDMINE_INSTANCE=allod RAILS_LOG_TO_STDOUT=1 BUNDLE_GEMFILE=/usr/lib/allod/Gemfile SECRET_KEY_BASE=none';
export const FILES = `${INSTANCE}/files`;
/** Imports and thumbnails: may go at any time. */
export const CACHE = `${INSTANCE}/tmp`;

/**
 * Redmine from Debian. What a start would do again every time is done here once: the gem lock, the
 * compiled assets, and Ruby's compiled code (bootsnap), which halves the time of a start.
 */
export const image: ImageRecipe = {
  name: 'projects',
  packages: [
    'redmine',
    'redmine-pgsql',
    'dbconfig-no-thanks',
    'puma',
    'ruby-bootsnap',
    'ruby-openid-connect',
  ],
  users: [{ name: 'redmine', uid: UID, home: '/var/lib/redmine' }],
  files: {
    '/usr/lib/allod/redmine-boot.rb': { mode: 0o644, text: bootScript },
    [PUT_AWAY]: { mode: 0o755, text: putAwayScript },
    '/usr/lib/allod/redmine': { mode: 0o755, text: startScript },
    '/usr/lib/allod/Gemfile': {
      mode: 0o644,
      text: "eval_gemfile '/usr/share/redmine/Gemfile'\ngem 'bootsnap', require: false\ngem 'openid_connect', require: false\n",
    },
    ...plugin,
    '/usr/share/redmine/config/additional_environment.rb': { mode: 0o644, text: environment() },
  },
  run: [
    'rm -r /etc/redmine/default /var/lib/redmine/default /var/cache/redmine/default /var/lib/redmine/Gemfile.lock',
    `mkdir -p ${INSTANCE}/config ${INSTANCE}/files ${INSTANCE}/tmp ${INSTANCE}/public`,
    // The gem lock depends on the adapter that the database file names.
    `printf 'production:\\n  adapter: postgresql\\n' > ${INSTANCE}/config/database.yml`,
    'BUNDLE_GEMFILE=/usr/lib/allod/Gemfile bundle install --local --quiet',
    `cd /usr/share/redmine && ${BUILD} bundle exec rake assets:precompile >/dev/null`,
    `${BUILD} ALLOD_WARM=1 ruby /usr/lib/allod/redmine-boot.rb`,
    `chmod -R a+rX ${INSTANCE}`,
    `rm -r ${INSTANCE}/config && ln -s /etc/allod/live ${INSTANCE}/config`,
  ],
};

/** Read by Redmine at the end of its own configuration. nginx in front ends TLS and writes the access log. */
function environment(): string {
  return `config.log_level = :warn
config.cache_store = :memory_store, { size: 16 * 1024 * 1024 }
config.assume_ssl = true
config.session_store :cookie_store, key: '_redmine_session', same_site: :lax, secure: true
config.public_file_server.headers = { 'cache-control' => 'public, max-age=31536000, immutable' }
`;
}
