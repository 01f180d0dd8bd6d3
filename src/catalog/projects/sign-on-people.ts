import { renaming } from './put-away.ts';

/** lib/portal_sign_on/people.rb: who in Redmine somebody of the portal is. */
export const people = `# frozen_string_literal: true

module PortalSignOn
  # People are known by the portal's lasting id, kept as a token of theirs; at the first sign-in by their name.
  module People
    SITE = '/etc/allod/live/site.json'
    LOCK = Monitor.new
    RENAMING = <<~SQL${renaming('id = :id')}
    SQL

    module_function

    def administrator?(login) = site.fetch('administrators').include?(login.to_s.downcase)

    def ours?(user) = user.auth_source_id.present? && user.auth_source_id == source.id

    # What the site file says, for all who are there; who comes later is seen to when they are saved.
    def apply
      @source = AuthSourcePortal.adopt
      User.where(auth_source_id: source.id).find_each do |user|
        user.save!(validate: false) if user.admin? != administrator?(user.login)
      end
    end

    # The account of whoever signed in, made where there is none.
    def person(claims)
      login = claims[:preferred_username].to_s
      raise Refused, 'the portal does not say who it is' if login.empty? || claims[:sub].to_s.empty?

      LOCK.synchronize { User.transaction { known(claims[:sub]) || named(login, claims) } }
    end

    # Of a person: every browser.
    def end_sessions(sub)
      user = known(sub)
      Token.where(user_id: user.id, action: %w[session autologin]).delete_all if user
    end

    def known(sub) = Token.find_by(action: 'portal', value: mark(sub))&.user

    def named(login, claims)
      user = User.find_by_login(login)
      # The name was another person's, who is gone: what they wrote stays theirs.
      if user && Token.exists?(user_id: user.id, action: 'portal')
        User.connection.execute(User.sanitize_sql([RENAMING, { id: user.id }]))
        user = nil
      end
      user ||= made(login, claims)
      user.update!(auth_source_id: source.id) unless ours?(user)
      token = Token.create!(user: user, action: 'portal')
      token.update_column(:value, mark(claims[:sub]))
      user
    end

    def made(login, claims)
      given, _, family = claims[:name].to_s.strip.rpartition(' ')
      user = User.new(
        firstname: given[0, 30].presence || login[0, 30], lastname: family[0, 255].presence || login,
        mail: claims[:email].presence || own_address(login), language: Setting.default_language
      )
      user.login = login
      user.auth_source_id = source.id
      return user if user.save

      # An address that somebody else has here, or that Redmine does not take.
      user.mail = own_address(login)
      user.save or raise Refused, "no account can be made: #{user.errors.full_messages.join(', ')}"
      user
    end

    def own_address(login) = "#{login}@#{site.fetch('domain')}"

    def source = @source ||= AuthSourcePortal.adopt

    def site = @site ||= JSON.parse(File.read(SITE))

    # As long as a token may be.
    def mark(sub) = OpenSSL::Digest.hexdigest('SHA256', sub.to_s)[0, 40]
  end
end
`;
