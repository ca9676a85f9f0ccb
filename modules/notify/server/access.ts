/**
 * The only way to news for somebody: her own, and of these what she may still read where it lies. Common table expressions that
 * end in `mine`; `$1` is she. The places are asked each once.
 *
 * @param which narrows them, of `n`.
 */
export const mine = (which: string): string => `
  told as (select n.* from notify.news n where n.person_id = $1 and ${which}),
  readable as materialized (
    select p.space_id, p.container_id, p.around
    from (select distinct space_id, container_id, around from told where space_id is not null) p
    where core.right_within($1::uuid, p.space_id, p.container_id, p.around) >= 2),
  mine as (
    select told.* from told where told.space_id is null
    union all
    select told.* from told join readable r on r.space_id = told.space_id
      and r.container_id is not distinct from told.container_id and r.around = told.around)`;
