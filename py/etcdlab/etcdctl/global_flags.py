"""The flags that every command has."""

from __future__ import annotations

from etcdlab.etcdctl.pflag import Flag, switch
from etcdlab.etcdctl.release import Release

# etcdctl's texts: a usage error prints them on stdout.
GLOBAL_FLAGS = (
    Flag("endpoints", "stringSlice", "127.0.0.1:2379", "gRPC endpoints"),
    switch("debug", "enable client-side debug logging"),
    Flag(
        "write-out",
        "string",
        "simple",
        "set the output format (fields, json, protobuf, simple, table)",
        "w",
    ),
    switch("hex", "print byte strings as hex encoded strings"),
    Flag("dial-timeout", "duration", "2s", "dial timeout for client connections"),
    Flag(
        "command-timeout",
        "duration",
        "5s",
        "timeout for short running command (excluding dial timeout)",
    ),
    Flag("keepalive-time", "duration", "2s", "keepalive time for client connections"),
    Flag("keepalive-timeout", "duration", "6s", "keepalive timeout for client connections"),
    Flag(
        "max-request-bytes",
        "int",
        "0",
        "client-side request send limit in bytes (if 0, it defaults to 2.0 MiB (2 * 1024 * 1024).)",
        since=Release.V3_6,
    ),
    Flag(
        "max-recv-bytes",
        "int",
        "0",
        'client-side response receive limit in bytes (if 0, it defaults to "math.MaxInt32")',
        since=Release.V3_6,
    ),
    Flag("insecure-transport", "bool", "true", "disable transport security for client connections"),
    Flag(
        "insecure-discovery",
        "bool",
        "true",
        "accept insecure SRV records describing cluster endpoints",
    ),
    switch(
        "insecure-skip-tls-verify",
        "skip server certificate verification"
        " (CAUTION: this option should be enabled only for testing purposes)",
    ),
    Flag("cert", "string", "", "identify secure client using this TLS certificate file"),
    Flag("key", "string", "", "identify secure client using this TLS key file"),
    Flag(
        "cacert",
        "string",
        "",
        "verify certificates of TLS-enabled secure servers using this CA bundle",
    ),
    Flag(
        "auth-jwt-token",
        "string",
        "",
        "JWT token used for authentication"
        " (if this option is used, --user and --password should not be set)",
        since=Release.V3_7,
    ),
    Flag(
        "user",
        "string",
        "",
        "username[:password] for authentication (prompt if password is not supplied)",
    ),
    Flag(
        "password",
        "string",
        "",
        "password for authentication"
        " (if this option is used, --user option shouldn't include password)",
    ),
    Flag(
        "discovery-srv",
        "string",
        "",
        "domain name to query for SRV records describing cluster endpoints",
        "d",
    ),
    Flag("discovery-srv-name", "string", "", "service name to query when using DNS discovery"),
)
# Not etcdctl's, hence not in the usage: only the script's help has them.
TRANSPORT = Flag("transport", "string", "gateway", "gateway or native")
LIKE = Flag("like", "string", "", "the release of etcdctl to be like")
AS_CURL = switch("as-curl", "print the curl command that sends the same, and send nothing")
ALL_FLAGS = (*GLOBAL_FLAGS, TRANSPORT, LIKE, AS_CURL)
