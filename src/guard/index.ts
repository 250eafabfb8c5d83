/** All guardrails, one line each. */
import type { Rule } from './guard.ts';

export const rules: readonly Rule[] = [];
