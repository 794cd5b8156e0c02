import { AuthorizationDeniedError } from '../errors.js';
import { isClientRejected } from './authorization-flow.js';
import type { BegunAuthorization } from './authorization-flow.js';
import { planLogin } from './login-plan.js';
import type { LoginPlan, LoginPlanOptions, LoginPlanRequest } from './login-plan.js';

export interface BegunLogin {
  readonly plan: LoginPlan;
  readonly begun: BegunAuthorization;
}

/** Others may register anew at the same time, and what they get be forgotten, too. */
const MAX_PLANS = 3;

/**
 * Plans a login and begins it. A server that was handed the request and has forgotten a client that registered itself says
 * so before anybody was asked: then once more, with a new client. Where it fails the port is free again.
 */
export async function begunLogin(
  options: LoginPlanOptions,
  request: LoginPlanRequest,
  begin: (plan: LoginPlan) => Promise<BegunAuthorization>,
): Promise<BegunLogin> {
  for (let plans = 1; ; plans++) {
    const plan = await planLogin(options, request);
    try {
      return { plan, begun: await begin(plan) };
    } catch (error) {
      await plan.listening?.close();
      const isForgotten = error instanceof AuthorizationDeniedError && isClientRejected(error.error);
      if (!isForgotten || plan.fresh || plans >= MAX_PLANS) throw error;
    }
  }
}
