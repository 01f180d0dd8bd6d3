import type { ImageRecipe } from '../../model/image.ts';
import { bootScript, startScript } from './start.ts';

export const UID = 10030;
/** Where Debian's package keeps attachments. */
export const FILES = '/var/lib/redmine/default/files';
/** Imports and thumbnails: may go at any time. */
export const CACHE = '/var/cache/redmine/default/tmp';

/**
 * Redmine from Debian. What a start would do again every time is done here once: the gem lock, the
 * compiled assets, and Ruby's compiled code (bootsnap), which halves the time of a start.
 */
export const image: ImageRecipe = {
  name: 'projects',
  packages: ['redmine', 'redmine-pgsql', 'dbconfig-no-thanks', 'puma', 'ruby-bootsnap'],
  users: [{ name: 'redmine', uid: UID, home: '/var/lib/redmine' }],
  files: {
    '/usr/lib/allod/redmine-boot.rb': { mode: 0o644, text: bootScript },
    '/usr/lib/allod/redmine': { mode: 0o755, text: startScript },
    '/usr/share/redmine/Gemfile.local': { mode: 0o644, text: "gem 'bootsnap', require: false\n" },
    '/usr/share/redmine/config/additional_environment.rb': { mode: 0o644, text: environment() },
  },
  run: [
    // The gem lock depends on the adapter the database file names.
    "printf 'production:\\n  adapter: postgresql\\n' > /etc/redmine/default/database.yml",
    'rm /var/lib/redmine/Gemfile.lock',
    'cd /usr/share/redmine && bundle install --local --quiet',
    'cd /usr/share/redmine && SECRET_KEY_BASE=none bundle exec rake assets:precompile >/dev/null',
    'SECRET_KEY_BASE=none ALLOD_WARM=1 ruby -e "require %q(/usr/lib/allod/redmine-boot.rb)"',
    'chmod -R a+rX /var/cache/redmine /var/lib/redmine',
    // From here on the instance's configuration is what is rendered.
    'rm -r /etc/redmine/default && ln -s /etc/allod/live /etc/redmine/default',
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
