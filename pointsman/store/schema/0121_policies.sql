-- Limits of merchants and the list of refused cards, as the back office reads and changes them. The
-- console's role may call these functions; it reads no token of a card, so an entry is named by a hash.

create function listed_id(p_token bytea) returns bytea language sql immutable
    return substring(sha256(p_token) for 16);

create view listed_cards as
    select listed_id(token) as id, code, masked, noted_at from blacklist;

-- Null: done; else what is wrong: 'missing', 'changed'.
create function change_rules(p_mid text, p_before jsonb, p_rules jsonb) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform from site for update;
    if not exists (select from merchants where mid = p_mid) then
        return 'missing';
    end if;
    update merchants set rules = p_rules where mid = p_mid and rules = p_before;
    if not found then
        return 'changed';
    end if;
    perform site_changed();
    return null;
end $$;

-- The entry of a card, with this code from now on; null where it has this code already.
create function list_token(p_token bytea, p_code text, p_masked text) returns bytea
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into blacklist as b (token, code, masked) values (p_token, p_code, p_masked)
        on conflict (token) do update set code = excluded.code where b.code <> excluded.code;
    if not found then
        return null;
    end if;
    perform append_event(0, 'blacklist', null,
        jsonb_build_object('masked', p_masked, 'code', p_code)::text);
    return listed_id(p_token);
end $$;

-- The entry of a payment's card, with this code from now on; o_wrong says why there is none:
-- 'missing' (no such payment), 'card' (it has no card), 'listed' (under this code already).
create function list_card(p_payment bytea, p_code text,
    out o_wrong text, out o_id bytea, out o_masked text)
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_token bytea;
begin
    select t.card_token, t.first6 || '******' || t.last4 into v_token, o_masked
        from transactions t where t.id = p_payment;
    if not found then
        o_wrong := 'missing';
    elsif coalesce(v_token, ''::bytea) = ''::bytea then
        o_wrong := 'card';
    else
        o_id := list_token(v_token, p_code, o_masked);
        if o_id is null then
            o_wrong := 'listed';
        end if;
    end if;
end $$;

-- False: it is not on the list.
create function unlist_card(p_id bytea) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_masked text;
begin
    delete from blacklist where listed_id(token) = p_id returning masked into v_masked;
    if v_masked is null then
        return false;
    end if;
    perform append_event(0, 'blacklist', null,
        jsonb_build_object('masked', v_masked, 'code', '')::text);
    return true;
end $$;

do $$
begin
    if exists (select from pg_roles where rolname = 'pointsman_console') then
        grant select on listed_cards to pointsman_console;
    end if;
end $$;
