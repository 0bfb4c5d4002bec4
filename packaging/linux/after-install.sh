#!/bin/sh
# Makes desktop and systemd know of what came, at once. Where the distribution does that by itself it is done twice.
# Nothing is enabled and nothing started.
set -e
if command -v update-desktop-database >/dev/null; then
    update-desktop-database -q /usr/share/applications || true
fi
if command -v gtk-update-icon-cache >/dev/null; then
    gtk-update-icon-cache -q -t -f /usr/share/icons/hicolor || true
fi
# The gateway's user.
if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers vaultwatch-gateway.conf || true
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
fi
