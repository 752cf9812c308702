/** Commander's refusals in the words of this command, without a value that may be a secret. */

import { CommanderError } from 'commander';
import { ErofsWasmError } from '../errors.ts';
import { PASSWORD_REFUSED } from './options.ts';

/**
 * A thrown value as an error of usage, as undefined where help or the version was printed, or as it was; `command` is the
 * one that was asked for, such as `erofs-wasm ls`.
 */
export function usageError(thrown: unknown, command: string): unknown {
  if (!(thrown instanceof CommanderError)) return thrown;
  if (thrown.exitCode === 0) return undefined;
  const helpHint = `see \`${command} --help\``;
  if (thrown.message.includes(PASSWORD_REFUSED)) {
    return new ErofsWasmError('E_USAGE', PASSWORD_REFUSED, {
      hint: 'other users could see it there; use --password-stdin',
    });
  }
  if (thrown.code === 'commander.help') {
    return new ErofsWasmError('E_USAGE', 'no command is given', { hint: helpHint });
  }
  const [message = '', suggestion] = thrown.message.replace(/^error: /, '').split('\n');
  const hint = suggestion?.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?') ?? helpHint;
  return new ErofsWasmError('E_USAGE', withoutValues(thrown.code, message).replace(/\.$/, ''), {
    hint,
  });
}

/** Of `--word=value` and `-pvalue`, where they are not known or stand for another flag's value, only the name. */
function withoutValues(code: string, message: string): string {
  if (code === 'commander.invalidArgument') {
    return message.replace(/argument '(--[^=']*)=.*' is invalid/, "argument '$1' is invalid");
  }
  if (code !== 'commander.unknownOption') return message;
  return message.replace(/'(--[^=']*|-[^-']?).*'$/, "'$1'");
}
