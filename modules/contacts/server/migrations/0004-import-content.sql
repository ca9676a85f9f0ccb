-- small: contacts.import, imports of the last days
create index import_content on contacts.import (file_sha256) where file_sha256 is not null;
