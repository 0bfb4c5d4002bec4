#!/bin/sh
# The desktop forgets what is gone. What people have written stays, as does their entry for the start with the session,
# which does nothing without the program; `purge` takes no more than `remove`.
set -e
if command -v update-desktop-database >/dev/null; then
    update-desktop-database -q /usr/share/applications || true
fi
if command -v gtk-update-icon-cache >/dev/null; then
    gtk-update-icon-cache -q -t -f /usr/share/icons/hicolor || true
fi
