/** Who may have nodes run code. Pure. */
import {UserError} from '../../base/index.ts'
import {hasScope, type Scope} from '../../protocol/index.ts'

export type CodePolicy = 'off' | 'on' | 'loopback'

/** @param isPrivate - nobody but this machine reaches the master */
export const allowsCode = (policy: CodePolicy, isPrivate: boolean): boolean =>
  policy === 'on' || (policy === 'loopback' && isPrivate)

/**
 * Both must hold: the cluster allows code, and the token was made for it.
 *
 * @param isPrivate - nobody but this machine reaches the master
 * @throws UserError FORBIDDEN saying which of the two is missing
 */
export function checkCodeJob(scopes: readonly Scope[], policy: CodePolicy, isPrivate: boolean): void {
  if (!hasScope(scopes, 'run-code')) {
    throw new UserError('FORBIDDEN', 'this job brings code, and the token is not for run-code', {
      hint: `it is for ${scopes.join(', ')}; an admin makes another one: disco token create NAME --scope run-code`,
    })
  }
  if (allowsCode(policy, isPrivate)) return
  throw new UserError('FORBIDDEN', 'this cluster does not run jobs that bring code', {
    hint:
      policy === 'off'
        ? 'an admin allows them with: disco config set allowCode on'
        : 'others can reach its master, so an admin must allow them: disco config set allowCode on',
  })
}
