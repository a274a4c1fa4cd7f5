-- The key under which an acquirer sends its new zone keys, and their change while the house runs.
alter table acquirers
    add column zmk bytea,
    add column zmk_check_value text not null default '';

-- Null leaves a key as it is. Workers see the site's version and open their links anew.
create function change_zone_keys(
    p_name text, p_zpk bytea, p_zpk_check_value text, p_zak bytea, p_zak_check_value text
) returns void language plpgsql as $$
declare
    v_version bigint;
begin
    select version + 1 into v_version from site for update;
    update acquirers set zpk = coalesce(p_zpk, zpk),
        zpk_check_value = case when p_zpk is null then zpk_check_value else p_zpk_check_value end,
        zak = coalesce(p_zak, zak),
        zak_check_value = case when p_zak is null then zak_check_value else p_zak_check_value end
        where name = p_name;
    update site set version = v_version;
    perform append_event(0, 'zone-keys', null, jsonb_build_object('acquirer', p_name,
        'zpk', p_zpk_check_value, 'zak', p_zak_check_value, 'version', v_version)::text);
end $$;
