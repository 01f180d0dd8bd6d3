/** /usr/lib/allod/redmine-boot.rb: loads Redmine through Ruby code compiled when the image was built. */
export const bootScript = `# frozen_string_literal: true

ENV['RAILS_ENV'] = 'production'
ENV['RAILS_LOG_TO_STDOUT'] = '1'
ENV['HOME'] = '/tmp'
ENV['REDMINE_INSTANCE'] = 'allod'
ENV['BUNDLE_GEMFILE'] = '/usr/lib/allod/Gemfile'
Dir.chdir '/usr/share/redmine'
$stdout.sync = true

warm = ENV.key?('ALLOD_WARM')
require 'bundler/setup'
require 'bootsnap'
Bootsnap.setup(cache_dir: '/var/lib/redmine/allod/bootsnap', development_mode: false, load_path_cache: true,
               compile_cache_iseq: true, compile_cache_yaml: true, readonly: !warm)
require '/usr/share/redmine/config/environment'
require 'puma'
require 'puma/launcher'
require 'puma/configuration'
Dir['/usr/share/redmine/db/migrate/*.rb'].each { |file| require file } if warm
`;

/**
 * /usr/lib/allod/redmine: one Ruby process that brings database and settings to what they should be, then
 * serves. Every step looks at what is there, so a start that was killed half way is finished by the next.
 */
export const startScript = `#!/usr/bin/ruby
# frozen_string_literal: true

ENV['SSL_CERT_FILE'] = '/etc/allod/live/ca.pem'
require '/usr/lib/allod/redmine-boot.rb'

module Allod
  SITE = JSON.parse(File.read('/etc/allod/live/site.json')).freeze
  LIVE = '/etc/allod/live'
  # Read anew whenever it is shown: it is replaced every week.
  READ_ANEW = 'oidc-secret'

  module_function

  # What a start goes by.
  def files
    Dir["#{LIVE}/**/*"].select { |path| File.file?(path) && File.basename(path) != READ_ANEW }
                       .to_h { |path| [path, File.read(path)] }.hash
  end

  def wait_for_database
    said = nil
    begin
      ActiveRecord::Base.connection.select_value('select 1')
    rescue ActiveRecord::ActiveRecordError, PG::Error => error
      warn "waiting for the database: #{error.message}" unless said == error.message
      said = error.message
      ActiveRecord::Base.connection_handler.clear_all_connections!(:all)
      sleep 0.1
      retry
    end
  end

  # Models keep what they learned of tables that were not there yet: after a migration all starts anew.
  def migrate
    migrations = ActiveRecord::Base.connection_pool.migration_context
    return unless migrations.needs_migration?

    ActiveRecord::Migration.verbose = false
    warn "migrating the database from version #{migrations.current_version}"
    migrations.migrate
    exec '/usr/lib/allod/redmine'
  end

  # Trackers, roles and states in one transaction, only where there are none at all.
  def load_default_data
    Redmine::DefaultData::Loader.load('en') if Redmine::DefaultData::Loader.no_data?
  end

  def apply_settings
    SITE.fetch('settings').each { |name, value| Setting[name] = value unless Setting[name].to_s == value.to_s }
    SITE.fetch('defaults').each { |name, value| Setting[name] = value unless Setting.exists?(name: name) }
  end

  # Redmine's own first account has a password everybody knows: it goes before anybody can connect.
  def remove_first_account
    User.where(id: 1, login: 'admin', auth_source_id: nil).destroy_all
  end
end

# A change during the start is looked for at its end.
trap('HUP') {}
read = Allod.files
Allod.wait_for_database
Allod.migrate
Allod.load_default_data
Allod.remove_first_account
Allod.apply_settings
PortalSignOn::People.apply
ActiveRecord::Base.connection_handler.clear_all_connections!(:all)

launcher = nil
changed = false
configuration = Puma::Configuration.new do |puma|
  puma.environment 'production'
  puma.bind 'tcp://127.0.0.1:3000'
  puma.threads 1, 5
  puma.workers 0
  puma.app Rails.application
end
events = Puma::Events.new
events.on_booted do
  # After Puma's own, which would stop here.
  trap('HUP') do
    changed = Allod.files != read
    launcher.stop if changed
  end
  Process.kill('HUP', Process.pid) # for what changed meanwhile
end
launcher = Puma::Launcher.new(configuration, events: events)
launcher.run
exec '/usr/lib/allod/redmine' if changed
`;
