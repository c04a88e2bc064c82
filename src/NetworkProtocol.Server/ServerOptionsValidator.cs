using System.ComponentModel;
using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Server;

/// <summary>Checks <see cref="ServerOptions"/>: one line for each bad value, with key, value and allowed range.</summary>
public sealed partial class ServerOptionsValidator : IValidateOptions<ServerOptions>
{
    /// <summary>Where the settings stand, for the messages.</summary>
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

    /// <summary>Finds values that are not of their setting's type, and settings that do not exist.</summary>
    public static IEnumerable<string> CheckTypes(IConfiguration section, Type options, string path)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(options);
        if (ValueOfDictionary(options) is { } entry)
        {
            foreach (var error in section.GetChildren().SelectMany(child => CheckTypes(child, entry, $"{path}:{child.Key}")))
            {
                yield return error;
            }

            yield break;
        }

        var properties = options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            var key = $"{path}:{child.Key}";
            if (!properties.TryGetValue(child.Key, out var property))
            {
                yield return $"{key} = {Shown(child)}: no such setting; known are {string.Join(", ", properties.Keys.Order())}";
            }
            else if (IsSection(property.PropertyType))
            {
                foreach (var error in CheckTypes(child, property.PropertyType, key))
                {
                    yield return error;
                }
            }
            else if (child.Value is { } value && !IsConvertible(value, property.PropertyType, out var expected))
            {
                yield return $"{key} = {value}: must be {expected}";
            }
        }
    }

    private static bool IsSection(Type type) =>
        ValueOfDictionary(type) is not null || (type.IsClass && !typeof(System.Collections.IEnumerable).IsAssignableFrom(type));

    private static Type? ValueOfDictionary(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>) ? type.GetGenericArguments()[1] : null;

    // A secret under a name with a slip in it is still a secret.
    private static string? Shown(IConfigurationSection setting) =>
        setting.Value is not null && (setting.Key.Contains("pas", StringComparison.OrdinalIgnoreCase) || setting.Key.Contains("secret", StringComparison.OrdinalIgnoreCase))
            ? "(hidden)"
            : setting.Value;

    private static bool IsConvertible(string value, Type type, out string expected)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        expected = type == typeof(int) || type == typeof(long) ? "a whole number"
            : type == typeof(TimeSpan) ? "a duration as hh:mm:ss[.fff] with hours up to 23, or d.hh:mm:ss"
            : type == typeof(bool) ? "true or false"
            : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
            : "a text";
        return type.IsEnum ? Enum.GetNames(type).Contains(value, StringComparer.OrdinalIgnoreCase)
            : type == typeof(TimeSpan) ? Duration().IsMatch(value) && TypeDescriptor.GetConverter(type).IsValid(value)
            : (type != typeof(int) && type != typeof(long) && type != typeof(bool)) || TypeDescriptor.GetConverter(type).IsValid(value);
    }

    // .NET reads 30 as thirty days and 24:00:00 as twenty-four of them, and nobody means that.
    [GeneratedRegex(@"^(\d+\.)?([01]?\d|2[0-3]):\d{1,2}(:\d{1,2}(\.\d{1,7})?)?$")]
    private static partial Regex Duration();

    private static IEnumerable<string> Check(ServerOptions o) =>
        new[]
        {
            Rule("Listen", o.Listen, IPEndPoint.TryParse(o.Listen, out _) && o.Listen.Contains(':'), "address:port, as 0.0.0.0:8443 or [::]:8443"),
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
            Rule("MemoryReturnInterval", o.MemoryReturnInterval, o.MemoryReturnInterval == TimeSpan.Zero || (o.MemoryReturnInterval >= TimeSpan.FromSeconds(1) && o.MemoryReturnInterval <= TimeSpan.FromDays(1)), "00:00:00 (never), or 00:00:01 to 1.00:00:00"),
            Rule("Tls:KeyPath", o.Tls.KeyPath, o.Tls.KeyPath.Length > 0 == o.Tls.CertificatePath.Length > 0, "set together with Tls:CertificatePath"),
            Rule("Tls:CertificatePath", o.Tls.CertificatePath, o.Tls.Mode == TlsMode.Disabled || o.Tls.CertificatePath.Length > 0, "an existing PEM file unless Tls:Mode is Disabled"),
            Rule("Tls:ClientCaPath", o.Tls.ClientCaPath, o.Tls.ClientCertificates == ClientCertificates.None || o.Tls.ClientCaPath.Length > 0, "an existing PEM file when Tls:ClientCertificates is not None"),
        }
        .Concat(o.TrustedProxies.Select((cidr, i) => Rule($"TrustedProxies:{i}", cidr, IPNetwork.TryParse(cidr, out _), "a network as 10.0.0.0/8")))
        .OfType<string>();

    private static string? Range<T>(string key, T value, T low, T high)
        where T : IComparable<T> =>
        Rule(key, value, value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0, $"{low} to {high}");

    private static string? Rule(string key, object value, bool good, string allowed) =>
        good ? null : $"{Section}:{key} = {value}: must be {allowed}";
}
