using System.Net;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Transport;

namespace NetworkProtocol.Server;

/// <summary>Checks <see cref="ServerOptions"/>: one line for each bad value, with key, value and allowed range.</summary>
public sealed class ServerOptionsValidator : IValidateOptions<ServerOptions>
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "NetworkProtocol:Server";

    private static readonly TimeSpan Tenth = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = Check(options).ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Check(ServerOptions o) =>
        new[]
        {
            Rule(
                "Listen",
                o.Listen,
                IPEndPoint.TryParse(o.Listen, out _) && o.Listen.Contains(':'),
                "address:port, as 0.0.0.0:8443 or [::]:8443"),
            Rule(
                "LocalSocket",
                o.LocalSocket,
                o.LocalSocket.Length == 0 || LocalSocket.ProblemOf(o.LocalSocket) is null,
                LocalSocket.ProblemOf(o.LocalSocket) ?? ""),
            Range("MaxConnections", o.MaxConnections, 1, 1_000_000),
            Range("MaxConnectionsPerAddress", o.MaxConnectionsPerAddress, 0, 1_000_000),
            Range("HandshakeTimeout", o.HandshakeTimeout, Tenth, TimeSpan.FromMinutes(5)),
            Range("HeartbeatInterval", o.HeartbeatInterval, Tenth, Hour),
            Range("RequestTimeout", o.RequestTimeout, Tenth, Hour),
            Range("SlowReaderTimeout", o.SlowReaderTimeout, Tenth, Hour),
            Range("DrainDelay", o.DrainDelay ?? TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            Range("ShutdownTimeout", o.ShutdownTimeout, TimeSpan.Zero, Hour),
            Range("MaxPayloadBytes", o.MaxPayloadBytes, 1024, Packets.PacketHeader.MaxPayloadLength),
            Range("MaxBufferedBytes", o.MaxBufferedBytes, Packets.PacketHeader.MaxPayloadLength, 1L << 40),
            Range("ReplayCacheCapacity", o.ReplayCacheCapacity, 1_000, 100_000_000),
            Range("SpareDescriptors", o.SpareDescriptors, 16, 1 << 30),
            Rule(
                "MemoryReturnInterval",
                o.MemoryReturnInterval,
                o.MemoryReturnInterval == TimeSpan.Zero
                    || (o.MemoryReturnInterval >= TimeSpan.FromSeconds(1) && o.MemoryReturnInterval <= TimeSpan.FromDays(1)),
                "00:00:00 (never), or 00:00:01 to 1.00:00:00"),
            Rule(
                "Tls:KeyPath",
                o.Tls.KeyPath,
                o.Tls.KeyPath.Length > 0 == o.Tls.CertificatePath.Length > 0,
                "set together with Tls:CertificatePath"),
            Rule(
                "Tls:CertificatePath",
                o.Tls.CertificatePath,
                o.Tls.Mode == TlsMode.Disabled || o.Tls.CertificatePath.Length > 0,
                "an existing PEM file unless Tls:Mode is Disabled"),
            Rule(
                "Tls:ClientCaPath",
                o.Tls.ClientCaPath,
                o.Tls.ClientCertificates == ClientCertificates.None || o.Tls.ClientCaPath.Length > 0,
                "an existing PEM file when Tls:ClientCertificates is not None"),
        }
        .Concat(o.TrustedProxies.Select((cidr, i) =>
            Rule($"TrustedProxies:{i}", cidr, IPNetwork.TryParse(cidr, out _), "a network as 10.0.0.0/8")))
        .Concat(ServerConflicts.Find(o).Select(conflict => $"{Section}:{conflict}"))
        .OfType<string>();

    private static string? Range<T>(string key, T value, T low, T high)
        where T : IComparable<T> =>
        Rule(key, value, value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0, $"{low} to {high}");

    private static string? Rule(string key, object value, bool good, string allowed) =>
        good ? null : $"{Section}:{key} = {value}: must be {allowed}";
}
