/** Environment variables that logins come from or are found by. */

/** A login for the host of the reference. */
export const USERNAME_VARIABLE = 'EROFS_WASM_USERNAME';
export const PASSWORD_VARIABLE = 'EROFS_WASM_PASSWORD';

/** A token for the host of the reference, sent as it is. */
export const TOKEN_VARIABLE = 'EROFS_WASM_TOKEN';

/** The variable's value; an empty one counts as absent. */
export function readVariable(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/** The environment for other programs: without our own secrets. */
export function environmentForOthers(): NodeJS.ProcessEnv {
  const { [PASSWORD_VARIABLE]: _password, [TOKEN_VARIABLE]: _token, ...rest } = process.env;
  return rest;
}
