#!/bin/sh
# systemd forgets the unit. The gateway's configuration, its log and its user stay, by `purge` too: the package has made
# none of the files, and a user whose files are left must not become another's.
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
fi
