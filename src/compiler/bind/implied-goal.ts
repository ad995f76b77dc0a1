/**
 * `unless: converted`, in the spellings that people try. The goal ends a journey at once and is read again at the gate, so
 * the words are not needed; they are accepted, explained and left out.
 */
export function impliedGoal(key: 'if' | 'unless', expression: string | undefined): 'converted' | undefined {
  if (expression === undefined) return undefined
  const spelling =
    key === 'unless'
      ? /^(?:converted|goal|goal_reached)(?:\(\))?$/
      : /^(?:!\s*|not\s+)(?:converted|goal|goal_reached)(?:\(\))?$/
  return spelling.test(expression.trim()) ? 'converted' : undefined
}
