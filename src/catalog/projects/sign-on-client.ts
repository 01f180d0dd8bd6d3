/** lib/portal_sign_on/client.rb: what Redmine asks of the portal, and which answers it believes. */
export const client = `# frozen_string_literal: true

require 'openid_connect'

OpenIDConnect.http_config { |faraday| faraday.options.timeout = 10 }

module PortalSignOn
  # OpenID Connect Core 1.0, Back-Channel Logout 1.0 and RP-Initiated Logout 1.0, as far as a client is concerned.
  module Client
    LIVE = '/etc/allod/live'
    # Seconds that what the portal publishes is believed without asking again.
    FRESH = 3600
    # Seconds between two looks for a key that is not known: anybody may name one.
    PAUSE = 5
    # What every provider has to sign with; nothing weaker is taken.
    ALGORITHMS = [:RS256].freeze
    LOGOUT = 'http://schemas.openid.net/event/backchannel-logout'
    # Seconds that clocks may differ, and that a logout token may be old.
    SKEW = 60
    OLDEST = 600
    LOCK = Monitor.new

    Flow = Struct.new(:state, :nonce, :verifier)

    module_function

    def issuer = settings.fetch('issuer')

    def new_flow = Flow.new(*Array.new(3) { SecureRandom.urlsafe_base64(32) })

    def sign_in_url(flow)
      oauth.authorization_uri(
        scope: %w[openid profile email], state: flow.state, nonce: flow.nonce,
        code_challenge: Base64.urlsafe_encode64(OpenSSL::Digest.digest('SHA256', flow.verifier), padding: false),
        code_challenge_method: 'S256'
      )
    end

    # Claims of whoever signed in. Raises Refused, Away.
    def identity(code, nonce:, verifier:)
      client = oauth
      client.authorization_code = code
      answer = asking { client.access_token!(:basic, code_verifier: verifier) }
      claims = verified(answer.id_token.to_s)
      OpenIDConnect::ResponseObject::IdToken.new(claims).verify!(issuer: issuer, client_id: client_id, nonce: nonce)
      other = Array(claims[:aud]).length > 1 && claims[:azp] != client_id
      raise Refused, 'the token is for another client too' if other

      claims
    rescue OpenIDConnect::Exception, AttrRequired::AttrMissing => error
      raise Refused, error.message
    end

    # \`sub\` of a logout token (Back-Channel Logout 1.0 section 2.6). Raises Refused, Away.
    def signed_out(token)
      claims = verified(token)
      now = Time.now.to_i
      fit = claims[:iss] == issuer && Array(claims[:aud]).include?(client_id) &&
            claims[:events].is_a?(Hash) && claims[:events][LOGOUT].is_a?(Hash) &&
            !claims.key?(:nonce) && claims[:jti].present? && claims[:sub].is_a?(String) &&
            claims[:iat].is_a?(Integer) && claims[:iat].between?(now - OLDEST, now + SKEW) &&
            (claims[:exp].nil? || claims[:exp].to_i > now - SKEW)
      raise Refused, 'this is no logout token for this service' unless fit

      claims[:sub]
    end

    # Where somebody signs out of the portal too; nil where it does not answer.
    def sign_out_url(back)
      place = provider.end_session_endpoint
      place && "#{place}?#{{ client_id: client_id, post_logout_redirect_uri: back }.to_query}"
    rescue Away
      nil
    end

    def client_id = settings.fetch('client_id')

    def settings = @settings ||= JSON.parse(File.read("#{LIVE}/sign-on.json"))

    def oauth
      OpenIDConnect::Client.new(
        identifier: client_id, secret: File.read("#{LIVE}/oidc-secret"), redirect_uri: settings.fetch('redirect_uri'),
        authorization_endpoint: provider.authorization_endpoint, token_endpoint: provider.token_endpoint
      )
    end

    # Claims of a token that the portal signed.
    def verified(token)
      raise Refused, 'no signed token' unless token.count('.') == 2

      kid = JSON::JWT.decode(token, :skip_verification).kid
      key = key_of(kid)
      raise Refused, 'signed with a key the portal does not publish' unless kid.is_a?(String) && key

      JSON::JWT.decode(token, key, ALGORITHMS)
    rescue JSON::JWT::Exception, JSON::ParserError, ArgumentError, TypeError, NoMethodError, OpenSSL::PKey::PKeyError => error
      raise Refused, "not a token of the portal: #{error.class}"
    end

    def provider
      LOCK.synchronize do
        if @provider.nil? || older?(@provider_read, FRESH)
          @provider = asking { OpenIDConnect::Discovery::Provider::Config.discover!(issuer) }
          @provider_read = clock
        end
        @provider
      end
    end

    # Keys are replaced every week: one that is not known is looked for anew.
    def key_of(kid)
      LOCK.synchronize do
        read_keys if @keys.nil? || older?(@keys_read, FRESH)
        read_keys if @keys[kid].nil? && older?(@keys_read, PAUSE)
        @keys[kid]
      end
    end

    def read_keys
      answer = asking { OpenIDConnect.http_client.get(provider.jwks_uri).body.fetch('keys') }
      @keys = answer.select { |key| key['use'] != 'enc' }.to_h { |key| [key['kid'], JSON::JWK.new(key)] }
      @keys_read = clock
    end

    # The portal says no, or does not say anything.
    def asking
      yield
    rescue Rack::OAuth2::Client::Error => error
      raise(error.status.to_i >= 500 ? Away : Refused, "the portal says #{error.response&.dig(:error) || error.status}")
    rescue Away, Refused
      raise
    rescue StandardError => error
      raise Away, "the portal cannot be asked: #{error.message}"
    end

    def older?(moment, seconds) = clock - moment > seconds

    def clock = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
`;
