#!/bin/sh
# Ends the gateway where it runs as a service of this machine; at an upgrade it goes on. dpkg says `remove`, rpm `0`.
set -e
case "$1" in
    remove | 0)
        if [ -d /run/systemd/system ]; then
            systemctl disable --now vaultwatch-gateway.service || true
        fi
        ;;
esac
