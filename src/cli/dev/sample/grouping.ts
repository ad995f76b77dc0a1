/** Members by key, in the order of first appearance. (Map.groupBy came after the oldest Node that is supported.) */
export function groupBy<T, Key>(members: Iterable<T>, key: (member: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>()
  for (const member of members) {
    const name = key(member)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [member])
    else group.push(member)
  }
  return groups
}
