/*
 * A plugin for Redmine: people sign in at the portal (OpenID Connect Core 1.0, code flow with PKCE), and with no password
 * anywhere else. Routes are in `PATHS`; what it is told of the site is in `sign-on.json`.
 */

import { client } from './sign-on-client.ts';
import { people } from './sign-on-people.ts';

/** Paths at Redmine's host. */
export const PATHS = {
  start: '/oidc/start',
  callback: '/oidc/callback',
  backchannel: '/oidc/backchannel-logout',
};

const FOLDER = '/usr/share/redmine/plugins/portal_sign_on';

const init = `# frozen_string_literal: true

Redmine::Plugin.register :portal_sign_on do
  name 'Sign-on by the portal'
  description 'People sign in at the portal of the site, and nowhere else.'
  version '1'
end

Token.add_action :portal, max_instances: 1, validity_time: nil
AccountController.prepend PortalSignOn::Account
User.singleton_class.prepend PortalSignOn::NoPasswords
User.before_save { self.admin = PortalSignOn::People.administrator?(login) if PortalSignOn::People.ours?(self) }
`;

const routes = `# frozen_string_literal: true

get '${PATHS.start}', to: 'sign_on#start', as: 'sign_on'
get '${PATHS.callback}', to: 'sign_on#callback', as: 'sign_on_callback'
post '${PATHS.backchannel}', to: 'sign_on#backchannel'
`;

const source = `# frozen_string_literal: true

# Marks people of the site. There is no password to check here.
class AuthSourcePortal < AuthSource
  # People of the directory, whom earlier versions asked it for, keep what they have.
  def self.adopt
    AuthSource.where(type: 'AuthSourceLdap', name: 'Directory')
              .update_all(type: name, name: 'Portal', onthefly_register: false, host: nil, account: nil, account_password: nil)
    AuthSourcePortal.find_or_create_by!(name: 'Portal')
  end

  def self.allow_password_changes? = false

  def authenticate(_login, _password) = nil

  def auth_method_name = 'Portal'
end
`;

/** What of Redmine's own sign-in is replaced. */
const account = `# frozen_string_literal: true

module PortalSignOn
  # Redmine's sign-in page leads to the portal at once, and signing out ends there.
  module Account
    def login
      return redirect_back_or_default(home_url, referer: true) if User.current.logged?

      redirect_to sign_on_path(back_url: params[:back_url].presence), status: :see_other
    end

    def logout
      return super unless request.post? && User.current.logged?

      away = PortalSignOn::Client.sign_out_url(home_url)
      logout_user
      redirect_to away || home_url, allow_other_host: true, status: :see_other
    end
  end
end
`;

const noPasswords = `# frozen_string_literal: true

module PortalSignOn
  # Nobody is let in by name and password, by form or by HTTP: the portal alone asks for those. And by no key, of the API
  # or of a feed: a key goes on when its owner is shut out of the portal.
  module NoPasswords
    def try_to_login!(_login, _password, _active_only = true) = nil

    def find_by_api_key(_key) = nil

    def find_by_atom_key(_key) = nil
  end
end
`;

const controller = `# frozen_string_literal: true

class SignOnController < ApplicationController
  skip_before_action :session_expiration, :check_if_login_required, :check_password_change, :check_twofa_activation
  # The portal shows who it is by its signature.
  skip_before_action :verify_authenticity_token, only: :backchannel

  # What was begun and did not come back yet is in the cookie, which is enciphered; it holds 4 KiB.
  FLOWS = 2
  LONGEST_BACK_URL = 400
  MINUTES = 10

  rescue_from(PortalSignOn::Away) do |error|
    logger.error "sign-on: #{error.message}"
    render_error message: 'The page where people sign in does not answer. Try again in a moment.', status: 503
  end
  rescue_from(PortalSignOn::Refused) do |error|
    logger.warn "sign-on: #{error.message}, from #{request.remote_ip}"
    render_error message: 'This sign-in was not completed. Try again with "Sign in" above.', status: 403
  end

  def start
    flow = PortalSignOn::Client.new_flow
    back = params[:back_url].to_s
    kept = flows.to_a.last(FLOWS - 1).to_h
    session[:sign_on] = kept.merge(flow.state => {
      'nonce' => flow.nonce, 'verifier' => flow.verifier, 'at' => Time.now.to_i,
      'back' => (back if back.length <= LONGEST_BACK_URL)
    })
    no_store
    redirect_to PortalSignOn::Client.sign_in_url(flow), allow_other_host: true, status: :see_other
  end

  def callback
    no_store
    flow = flows[params[:state].to_s]
    raise PortalSignOn::Refused, 'no such sign-in was begun here' unless flow

    session[:sign_on] = flows.except(params[:state].to_s)
    raise PortalSignOn::Refused, 'another issuer answered' if params[:iss] && params[:iss] != PortalSignOn::Client.issuer
    raise PortalSignOn::Refused, params[:error].to_s[/\\A[\\w-]{1,60}/] || 'no reason given' if params[:error]

    claims = PortalSignOn::Client.identity(params[:code].to_s, nonce: flow['nonce'], verifier: flow['verifier'])
    enter PortalSignOn::People.person(claims), flow['back']
  end

  def backchannel
    no_store
    PortalSignOn::People.end_sessions(PortalSignOn::Client.signed_out(params[:logout_token].to_s))
    head :ok
  rescue PortalSignOn::Refused => error
    logger.warn "sign-on: #{error.message}, from #{request.remote_ip}"
    render json: { error: 'invalid_request' }, status: 400
  end

  private

  def enter(user, back)
    unless user.active?
      return render_error(message: 'Your account here is locked. An administrator can unlock it.', status: 403)
    end

    # With a new session: whoever knew the one before knows nothing.
    self.logged_user = user
    user.update_last_login_on!
    params[:back_url] = back
    redirect_back_or_default my_page_path
  end

  def flows
    begun = session[:sign_on]
    return {} unless begun.is_a?(Hash)

    begun.select { |_, flow| flow['at'].to_i > Time.now.to_i - (MINUTES * 60) }
  end

  def no_store
    response.headers['Cache-Control'] = 'no-store'
  end
end
`;

/** Files of the plugin, by absolute path in the image. */
export const plugin: Record<string, { mode: number; text: string }> = Object.fromEntries(
  Object.entries({
    'init.rb': init,
    'config/routes.rb': routes,
    'app/controllers/sign_on_controller.rb': controller,
    'app/models/auth_source_portal.rb': source,
    'lib/portal_sign_on.rb': `# frozen_string_literal: true

module PortalSignOn
  # The portal could not be asked.
  class Away < StandardError; end
  # What was given is not to be believed, or the portal says no.
  class Refused < StandardError; end
end
`,
    'lib/portal_sign_on/account.rb': account,
    'lib/portal_sign_on/client.rb': client,
    'lib/portal_sign_on/no_passwords.rb': noPasswords,
    'lib/portal_sign_on/people.rb': people,
  }).map(([path, text]) => [`${FOLDER}/${path}`, { mode: 0o644, text }]),
);
