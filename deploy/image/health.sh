#!/bin/bash
# Whether this container is well: asked every few seconds of every container, so bash alone does it and no Node is started.
# Healthy begins with /readyz, and from then on is /healthz: a database or a bus that is away for a while is no reason to
# end a process that waits for it and whose calls go on.
host=${LIAISON_BIND:-127.0.0.1}
case $host in
  0.0.0.0) host=127.0.0.1 ;;
  ::) host=::1 ;;
esac
was_ready=/dev/shm/liaison-was-ready
path=/healthz
[ -e "$was_ready" ] || path=/readyz
ask() {
  exec 3<>"/dev/tcp/$host/${LIAISON_HTTP_PORT:-8080}" || return 1
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$path" >&3
  read -r -t 3 _ status _ <&3 || return 1
  exec 3>&-
  [ "$status" = 200 ] || { said="$path says $status"; return 1; }
}
# Docker asks for the first time a whole interval after the start. Who is not ready in that moment would wait for another, so
# before the first time the question itself waits, for less than its time limit.
until ask 2>/dev/null; do
  if [ -e "$was_ready" ] || [ "$SECONDS" -ge 3 ]; then
    echo "${said:-$path does not answer}"
    exit 1
  fi
  read -r -t 0.2 <> <(:)
done
: >"$was_ready"
