using NetworkProtocol.Web.Admin.Access;
using NetworkProtocol.Web.Admin.Api;

namespace NetworkProtocol.Web.Admin.Reading;

/// <summary>A part of a list.</summary>
internal sealed record PageOf<T>(
    [property: Field("The rows of this page.")] IReadOnlyList<T> Items,
    [property: Field("The number of rows on all pages.", 1234)] int Total,
    [property: Field("The number of this page; the first is 1.", 1)] int Page,
    [property: Field("The number of rows on a full page.", 50)] int Size);

/// <summary>An open connection in a list.</summary>
internal sealed record ConnectionRow(
    [property: Field("The connection's key: its node and its number there, unique until the server restarts.", "node-1/42")] string Id,
    [property: Field("The client's address and port; behind a trusted proxy those that the proxy reports; local for a Unix socket.", "192.0.2.7:51514")] string Peer,
    [property: Field("The client's name: uri:, dns: or cn: and a name of its certificate, or uid: and its user; null without a name.", "cn:orders-1")] string? Identity,
    [property: Field("How the client is connected: tls, secure or local.", "tls")] string Transport,
    [property: Field("What the connection is doing: handshaking, waiting, running, sending or closing.", "waiting")] string State,
    [property: Field("The last command or kind of message; null before the first.", "ECHO")] string? Command,
    [property: Field("When the server accepted the connection.", "2026-01-31T12:00:00+00:00")] DateTimeOffset ConnectedAt,
    [property: Field("The time since then, in seconds.", 61.5)] double AgeSeconds,
    [property: Field("The time since the last message, in seconds.", 0.4)] double IdleSeconds,
    [property: Field("The last measured round trip, in milliseconds; null before the first measurement.", 1.25)] double? RoundTripMilliseconds,
    [property: Field("The time since that measurement, in seconds; null before the first.", 12.5)] double? RoundTripAgeSeconds,
    [property: Field("Whether the server sends Ping to this client.", true)] bool Pinged,
    [property: Field("The number of messages from the client.", 120)] long MessagesReceived,
    [property: Field("The number of messages to the client.", 120)] long MessagesSent,
    [property: Field("The number of bytes from the client.", 48210)] long BytesReceived,
    [property: Field("The number of bytes to the client.", 48200)] long BytesSent);

/// <summary>An open connection, whole.</summary>
internal sealed record ConnectionDetail(
    [property: Field("The same as in the list of connections.")] ConnectionRow Connection,
    [property: Field("The address and port of the proxy in between; null without a proxy.", "10.0.0.2:40112")] string? Proxy,
    [property: Field("The TLS version and cipher suite; null without TLS.", "TLS 1.3, TLS_AES_256_GCM_SHA384")] string? Tls,
    [property: Field("The subject of the authority that issued the client's certificate; null without a certificate.", "CN=Example CA")] string? CertificateIssuer,
    [property: Field("The SHA-256 of the client's certificate; null without a certificate.", "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08")] string? CertificateSha256,
    [property: Field("The command whose handler is running; null if none is.", "ORDER")] string? CommandInFlight,
    [property: Field("The last error of this connection; null without an error.", "Unknown command: NOBODY")] string? LastError,
    [property: Field("The last 16 messages, the newest first.")] IReadOnlyList<MessageRow> RecentMessages);

/// <summary>A message, without what it says.</summary>
internal sealed record MessageRow(
    [property: Field("When the message was received or sent.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("received or sent, as the server sees it.", "received")] string Direction,
    [property: Field("The command, or the kind of message in capitals.", "ECHO")] string Command,
    [property: Field("The size of the message in bytes.", 64)] int Bytes);

/// <summary>A closed connection.</summary>
internal sealed record ClosedRow(
    [property: Field("The connection's key: its node and its number there.", "node-1/42")] string Id,
    [property: Field("The client's address and port; local for a Unix socket.", "192.0.2.7:51514")] string Peer,
    [property: Field("The client's name: uri:, dns: or cn: and a name of its certificate, or uid: and its user; null without a name.", "cn:orders-1")] string? Identity,
    [property: Field("How the client was connected: tls, secure or local.", "tls")] string Transport,
    [property: Field("Why the connection ended, as in the metric connections_closed_total.", "client_left")] string Reason,
    [property: Field("The same in words.", "The client closed the connection")] string ReasonText,
    [property: Field("The last command or kind of message; null if there was none.", "ECHO")] string? Command,
    [property: Field("When the server accepted the connection.", "2026-01-31T12:00:00+00:00")] DateTimeOffset ConnectedAt,
    [property: Field("When the connection ended.", "2026-01-31T12:01:00+00:00")] DateTimeOffset ClosedAt,
    [property: Field("How long the connection lasted, in seconds.", 60)] double AgeSeconds,
    [property: Field("The number of messages from the client.", 120)] long MessagesReceived,
    [property: Field("The number of messages to the client.", 120)] long MessagesSent,
    [property: Field("The number of bytes from the client.", 48210)] long BytesReceived,
    [property: Field("The number of bytes to the client.", 48200)] long BytesSent,
    [property: Field("The last error of this connection; null without an error.", "Unknown command: NOBODY")] string? LastError);

/// <summary>An error.</summary>
internal sealed record ErrorRow(
    [property: Field("When the error happened.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("The kind of error, as in the metric errors_total.", "unknown_command")] string Kind,
    [property: Field("The client's address and port; local for a Unix socket.", "192.0.2.7:51514")] string Peer,
    [property: Field("The connection's key: its node and its number there.", "node-1/42")] string ConnectionId,
    [property: Field("What happened.", "Unknown command: NOBODY")] string Text);

/// <summary>How many of the remembered errors are of a kind.</summary>
internal sealed record ErrorKindRow(
    [property: Field("The kind of error, as in the metric errors_total.", "unknown_command")] string Kind,
    [property: Field("The number of errors of this kind among the last 10,000 errors.", 17)] int Count,
    [property: Field("When the last error of this kind happened.", "2026-01-31T12:00:00+00:00")] DateTimeOffset LastAt);

/// <summary>A circuit breaker.</summary>
internal sealed record BreakerRow(
    [property: Field("The name of the circuit breaker: the upstream and the address of its server.", "orders:orders-1.example:8443")] string Name,
    [property: Field("closed, half_open, open or isolated.", "closed")] string State,
    [property: Field("The number of failed calls since the last successful call.", 0)] int FailuresInARow,
    [property: Field("The time until the next trial call, in seconds; null unless the breaker is open.", 12.5)] double? NextTrialSeconds,
    [property: Field("The error of the last failed call; null without a failed call.", "Connection refused")] string? LastError,
    [property: Field("The last changes of the state, the newest first.")] IReadOnlyList<TransitionRow> History);

/// <summary>A change of a circuit breaker.</summary>
internal sealed record TransitionRow(
    [property: Field("When the state changed.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("The state before.", "closed")] string From,
    [property: Field("The state after.", "open")] string To,
    [property: Field("Why the state changed.", "5 failures in a row")] string Reason);

/// <summary>A ban.</summary>
internal sealed record BanRow(
    [property: Field("The id of the ban.", "0A1B2C3D4E5F6071")] string Id,
    [property: Field("The banned address, network, client name or SHA-256 of a certificate.", "192.0.2.0/24")] string Target,
    [property: Field("The reason that the operator gave.", "floods us")] string Reason,
    [property: Field("The user or token that banned the target.", "admin")] string By,
    [property: Field("When the ban began.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("When the ban ends; null for a ban without an end.", "2026-01-31T13:00:00+00:00")] DateTimeOffset? ExpiresAt);

/// <summary>A certificate in use.</summary>
internal sealed record CertificateRow(
    [property: Field("The port that the certificate is for: server or http.", "server")] string Name,
    [property: Field("The subject of the certificate.", "CN=server.example")] string Subject,
    [property: Field("The DNS names and addresses of the certificate.", new[] { "server.example" })] IReadOnlyList<string> Names,
    [property: Field("The subject of the authority that issued the certificate.", "CN=Example CA")] string Issuer,
    [property: Field("The serial number, in hexadecimal.", "03A1F2")] string Serial,
    [property: Field("The SHA-256 of the certificate.", "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08")] string Sha256,
    [property: Field("The file that the certificate was loaded from.", "/etc/network-protocol/fullchain.pem")] string File,
    [property: Field("When the certificate becomes valid.", "2026-01-01T00:00:00+00:00")] DateTimeOffset NotBefore,
    [property: Field("When the certificate expires.", "2026-04-01T00:00:00+00:00")] DateTimeOffset NotAfter,
    [property: Field("When the first certificate of the chain expires.", "2026-04-01T00:00:00+00:00")] DateTimeOffset ChainExpires,
    [property: Field("The number of days until the chain expires.", 60)] int DaysLeft,
    [property: Field("What is wrong with the certificate or its chain.", new[] { "The chain is incomplete." })] IReadOnlyList<string> Warnings,
    [property: Field("When the files were last read; null before the first time.", "2026-01-31T12:00:00+00:00")] DateTimeOffset? LastLoadAt,
    [property: Field("good, or why the last load failed.", "good")] string LastLoadResult);

/// <summary>A setting.</summary>
internal sealed record SettingRow(
    [property: Field("The name of the setting.", "NetworkProtocol:Server:MaxConnections")] string Key,
    [property: Field("The value in effect; secrets are hidden.", "1000")] string Value,
    [property: Field("Where the value comes from: default, file and its path, environment, argument or host.", "default")] string Source,
    [property: Field("Whether a change takes effect only after a restart.", true)] bool NeedsRestart,
    [property: Field("Whether its source has another value now than the one in effect.", false)] bool Changed);

/// <summary>A token for the API.</summary>
internal sealed record TokenRow(
    [property: Field("The name of the token.", "robot")] string Name,
    [property: Field("What the token may do: viewer or operator.", "operator")] Role Role,
    [property: Field("The user or token that created the token.", "admin")] string CreatedBy,
    [property: Field("When the token was created; null for a token of the settings.", "2026-01-31T12:00:00+00:00")] DateTimeOffset? CreatedAt,
    [property: Field("When the token expires; null for a token of the settings.", "2026-05-01T12:00:00+00:00")] DateTimeOffset? ExpiresAt,
    [property: Field("Whether the token has expired.", false)] bool Expired,
    [property: Field("Whether the token comes from the settings; such a token can be revoked only there.", false)] bool Provisioned);

/// <summary>A drain, and how far it is.</summary>
internal sealed record DrainRow(
    [property: Field("none, announced, disconnecting or drained.", "disconnecting")] string Stage,
    [property: Field("When the drain began; null without a drain.", "2026-01-31T12:00:00+00:00")] DateTimeOffset? StartedAt,
    [property: Field("The number of connections when the drain began.", 1000)] int Initial,
    [property: Field("The number of connections that are still open.", 250)] int Remaining,
    [property: Field("The number of connections that are asked to leave each second.", 100)] int PerSecond,
    [property: Field("When the server ends the remaining connections; null without a drain.", "2026-01-31T12:05:00+00:00")] DateTimeOffset? Deadline);

/// <summary>The server in numbers: each from the same place as in <c>/metrics</c>.</summary>
internal sealed record Status(
    [property: Field("The id of this node.", "node-1")] string Node,
    [property: Field("starting, ready, full, draining or stopping.", "ready")] string State,
    [property: Field("The version of the program.", "1.0.0")] string Version,
    [property: Field("When the program started.", "2026-01-31T12:00:00+00:00")] DateTimeOffset StartedAt,
    [property: Field("The number of open connections.", 250)] int Connections,
    [property: Field("The limit of open connections.", 1000)] int MaxConnections,
    [property: Field("The number of accepted connections since the start.", 12345)] long ConnectionsTotal,
    [property: Field("The number of rejected connections since the start.", 12)] long ConnectionsRejected,
    [property: Field("The number of successful handshakes since the start.", 12300)] long HandshakesGood,
    [property: Field("The number of refused handshakes since the start.", 33)] long HandshakesRefused,
    [property: Field("The number of messages received since the start.", 987654)] long MessagesReceived,
    [property: Field("The number of messages sent since the start.", 987650)] long MessagesSent,
    [property: Field("The number of bytes received since the start.", 123456789)] long BytesReceived,
    [property: Field("The number of bytes sent since the start.", 123456700)] long BytesSent,
    [property: Field("The number of errors since the start.", 17)] long Errors,
    [property: Field("What happened in the last second.")] Rates Rates,
    [property: Field("The names of the circuit breakers that are not closed.", new[] { "orders:orders-1.example:8443" })] IReadOnlyList<string> BreakersNotClosed,
    [property: Field("The number of days until the first certificate expires; null without a certificate.", 60)] int? CertificateDaysLeft,
    [property: Field("The resident memory of the process, in MiB.", 120.5)] double MemoryMebibytes,
    [property: Field("The drain and its progress.")] DrainRow Drain);

/// <summary>What happens a second, over the last second; percentiles over the last minute, null if nothing was asked in it.</summary>
internal sealed record Rates(
    [property: Field("Messages received in the last second.", 5000)] double MessagesReceived,
    [property: Field("Messages sent in the last second.", 5000)] double MessagesSent,
    [property: Field("Bytes received in the last second.", 640000)] double BytesReceived,
    [property: Field("Bytes sent in the last second.", 640000)] double BytesSent,
    [property: Field("Successful handshakes in the last second.", 3)] double HandshakesGood,
    [property: Field("Refused handshakes in the last second.", 0)] double HandshakesRefused,
    [property: Field("Errors in the last second.", 0)] double Errors,
    [property: Field("Half of the requests of the last minute took at most this many milliseconds; null without requests.", 0.21)] double? P50Milliseconds,
    [property: Field("99 of 100 requests of the last minute took at most this many milliseconds; null without requests.", 4.5)] double? P99Milliseconds);
