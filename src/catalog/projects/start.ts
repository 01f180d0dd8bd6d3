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
  DIRECTORY = SITE.fetch('directory').freeze

  module_function

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

  def apply_directory
    source = AuthSourceLdap.find_or_initialize_by(name: 'Directory')
    source.update!(DIRECTORY.merge('onthefly_register' => true, 'tls' => true, 'verify_peer' => true))
    source
  end

  # Redmine's own first account has a password everybody knows: it goes before anybody can connect.
  def remove_first_account
    User.where(id: 1, login: 'admin', auth_source_id: nil).destroy_all
  end

  # Who administers is said by the site file, for people of the directory: now, and when one first signs in.
  def apply_people(source)
    administrators = SITE.fetch('administrators')
    domain = SITE.fetch('domain')
    User.before_validation on: :create do
      next unless auth_source_id == source.id

      given, _, family = firstname.to_s.rpartition(' ')
      self.firstname, self.lastname = given, family unless given.empty?
      self.firstname = firstname.to_s[0, 30].presence || login
      self.lastname = lastname.presence || login
      self.mail = "#{login}@#{domain}" if mail.blank?
    end
    User.before_save { self.admin = administrators.include?(login.downcase) if auth_source_id == source.id }
    User.where(auth_source_id: source.id).find_each do |user|
      user.save!(validate: false) if user.admin? != administrators.include?(user.login.downcase)
    end
  end
end

Allod.wait_for_database
Allod.migrate
Allod.load_default_data
Allod.remove_first_account
Allod.apply_settings
Allod.apply_people(Allod.apply_directory)
ActiveRecord::Base.connection_handler.clear_all_connections!(:all)

configuration = Puma::Configuration.new do |puma|
  puma.environment 'production'
  puma.bind 'tcp://127.0.0.1:3000'
  puma.threads 1, 5
  puma.workers 0
  puma.app Rails.application
end
Puma::Launcher.new(configuration).run
`;
