-- Merchants and terminals that are suspended or active again while the house runs. The console's
-- role has no right to write them: these functions are what it may do. Workers see the site's
-- version and read anew.

-- Null: there is no such party; false: it is like that already; true: it is so now.
create function set_active(p_mid text, p_tid text, p_active boolean) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_version bigint;
    v_before boolean;
begin
    select version + 1 into v_version from site for update;
    if p_tid = '' then
        select active into v_before from merchants where mid = p_mid;
    else
        select active into v_before from terminals where mid = p_mid and tid = p_tid;
    end if;
    if v_before is null or v_before = p_active then
        return v_before <> p_active;
    end if;
    if p_tid = '' then
        update merchants set active = p_active where mid = p_mid;
    else
        update terminals set active = p_active where mid = p_mid and tid = p_tid;
    end if;
    update site set version = v_version;
    perform append_event(0, 'site', null, jsonb_build_object('version', v_version)::text);
    return true;
end $$;
