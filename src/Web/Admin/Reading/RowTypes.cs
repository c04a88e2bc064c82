using NetworkProtocol.Web.Admin.Access;

namespace NetworkProtocol.Web.Admin.Reading;

/// <summary>A part of a list.</summary>
/// <param name="Items">The rows of this page.</param>
/// <param name="Total">Rows on all pages.</param>
/// <param name="Page">Which page, from 1.</param>
/// <param name="Size">Rows of a full page.</param>
internal sealed record PageOf<T>(IReadOnlyList<T> Items, int Total, int Page, int Size);

/// <summary>An open connection in a list.</summary>
internal sealed record ConnectionRow(
    long Id,
    string Peer,
    string? Identity,
    string Transport,
    string State,
    string? Command,
    DateTimeOffset ConnectedAt,
    double AgeSeconds,
    double IdleSeconds,
    double? RoundTripMilliseconds,
    double? RoundTripAgeSeconds,
    bool Pinged,
    long MessagesReceived,
    long MessagesSent,
    long BytesReceived,
    long BytesSent);

/// <summary>An open connection, whole.</summary>
internal sealed record ConnectionDetail(
    ConnectionRow Connection,
    string? Proxy,
    string? Tls,
    string? CertificateSha256,
    string? CommandInFlight,
    string? LastError,
    IReadOnlyList<MessageRow> RecentMessages);

/// <summary>A message, without what it says.</summary>
internal sealed record MessageRow(DateTimeOffset At, string Direction, string Command, int Bytes);

/// <summary>A closed connection.</summary>
internal sealed record ClosedRow(
    long Id,
    string Peer,
    string? Identity,
    string Transport,
    string Reason,
    string ReasonText,
    string? Command,
    DateTimeOffset ConnectedAt,
    DateTimeOffset ClosedAt,
    double AgeSeconds,
    long MessagesReceived,
    long MessagesSent,
    long BytesReceived,
    long BytesSent,
    string? LastError);

/// <summary>An error.</summary>
internal sealed record ErrorRow(DateTimeOffset At, string Kind, string Peer, long ConnectionId, string Text);

/// <summary>How many of the remembered errors are of a kind.</summary>
internal sealed record ErrorKindRow(string Kind, int Count, DateTimeOffset LastAt);

/// <summary>A circuit breaker.</summary>
internal sealed record BreakerRow(
    string Name, string State, int FailuresInARow, double? NextTrialSeconds, string? LastError, IReadOnlyList<TransitionRow> History);

/// <summary>A change of a circuit breaker.</summary>
internal sealed record TransitionRow(DateTimeOffset At, string From, string To, string Reason);

/// <summary>A ban.</summary>
internal sealed record BanRow(string Id, string Target, string Reason, string By, DateTimeOffset At, DateTimeOffset? ExpiresAt);

/// <summary>A certificate in use.</summary>
internal sealed record CertificateRow(
    string Name,
    string Subject,
    IReadOnlyList<string> Names,
    string Issuer,
    string Serial,
    string Sha256,
    string File,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    DateTimeOffset ChainExpires,
    int DaysLeft,
    IReadOnlyList<string> Warnings,
    DateTimeOffset? LastLoadAt,
    string LastLoadResult);

/// <summary>A setting.</summary>
internal sealed record SettingRow(string Key, string Value, string Source, bool NeedsRestart, bool Changed);

/// <summary>A token for the API.</summary>
internal sealed record TokenRow(string Name, Role Role, string CreatedBy, DateTimeOffset? CreatedAt, DateTimeOffset? ExpiresAt, bool Expired, bool Provisioned);

/// <summary>A drain, and how far it is.</summary>
internal sealed record DrainRow(string Stage, DateTimeOffset? StartedAt, int Initial, int Remaining, int PerSecond, DateTimeOffset? Deadline);

/// <summary>The server in numbers: each from the same place as in <c>/metrics</c>.</summary>
internal sealed record Status(
    string State,
    string Version,
    DateTimeOffset StartedAt,
    int Connections,
    int MaxConnections,
    long ConnectionsTotal,
    long ConnectionsRejected,
    long HandshakesGood,
    long HandshakesRefused,
    long MessagesReceived,
    long MessagesSent,
    long BytesReceived,
    long BytesSent,
    long Errors,
    Rates Rates,
    IReadOnlyList<string> BreakersNotClosed,
    int? CertificateDaysLeft,
    double MemoryMebibytes,
    DrainRow Drain);

/// <summary>What happens a second, over the last second; percentiles over the last minute, null if nothing was asked in it.</summary>
internal sealed record Rates(
    double MessagesReceived,
    double MessagesSent,
    double BytesReceived,
    double BytesSent,
    double HandshakesGood,
    double HandshakesRefused,
    double Errors,
    double? P50Milliseconds,
    double? P99Milliseconds);
