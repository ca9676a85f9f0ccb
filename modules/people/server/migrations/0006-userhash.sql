-- small: people.device, at most twenty rows for each person
-- What stands for a device's name where its telephone hides that on the way (RFC 7616 §3.4.4): SHA-256 of `username:realm` in
-- hex. Null in rows of the program before; those are looked through one by one.
alter table people.device add column userhash text;
update people.device d set userhash = encode(sha256(convert_to(d.username || ':' || o.realm, 'UTF8')), 'hex')
from people.organisation o where o.id = d.org_id;
create index device_userhash on people.device (org_id, userhash) where revoked_at is null;
