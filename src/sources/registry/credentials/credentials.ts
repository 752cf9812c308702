/** Who we are to a registry. */

/** The user name without a colon (RFC 7617, section 2); the password may be empty. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** What proves who we are; nobody has none of them. */
export interface Identity {
  readonly login?: Login;
  /** A refresh token that a token server exchanges (distribution, docs/spec/auth/oauth.md). */
  readonly identityToken?: string;
  /** Sent to the registry as it is. */
  readonly registryToken?: string;
}

/** An identity or none, and where it was looked for. */
export interface Credentials extends Identity {
  /** Further headers for the registry's own origin; their values count as secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** For messages: where the identity comes from, or every place that was looked at. */
  readonly origin: string;
}

/** The host of an image and its repository's path there: logins are stored for either. */
export interface LoginPlace {
  readonly host: string;
  readonly path: string;
}

export function isNobody({ login, identityToken, registryToken }: Identity): boolean {
  return login === undefined && identityToken === undefined && registryToken === undefined;
}

/** Docker's helpers mark an identity token by this user name (docker/docker-credential-helpers). */
const TOKEN_USER = '<token>';

/** A login, or the identity token that a login of {@link TOKEN_USER} is. */
export function identityOf(login: Login): Identity {
  return login.username === TOKEN_USER ? { identityToken: login.password } : { login };
}

/** Whether the text can stand in a header as a token: printable ASCII without blanks. */
export function isTokenText(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
