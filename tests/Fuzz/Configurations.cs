using System.Collections;
using System.ComponentModel;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Admin;
using NetworkProtocol.Settings;
using NetworkProtocol.Web;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;

namespace Fuzz;

/// <summary>
/// Shapes of the configuration. The input has one setting per line, as KEY=VALUE, or KEY for null. If the check accepts a configuration,
/// the binder must bind all of it: it neither fails nor ignores a setting.
/// </summary>
internal static class Configurations
{
    public const string Good = """
        Server:Listen=0.0.0.0:8443
        Server:MaxConnections=10
        Server:DrainDelay=00:00:01.5
        Server:TrustedProxies:0=10.0.0.0/8
        Server:TrustedProxies:1=192.0.2.0/24
        Server:Tls:Mode=Optional
        Http:MetricsNetworks:0=10.0.9.0/24
        Http:Tls:CertificatePath=/x.pem
        Admin:Users:bob:Password=x
        Admin:Users:bob:Role=Operator
        Admin:OpenIdConnect:AllowHttp=true
        Upstreams:orders:Addresses:0=localhost
        Breakers:BreakDuration=1.00:00:00
        Log:RetainedFiles=3
        """;

    public const string Bad = """
        Server=x
        Server:TrustedProxies=10.0.0.0/8
        Server:Listen:0=x
        Server:Tls
        Http:MetricsNetworks:1=x
        Http:MetricsNetworks:a=x
        Http:Tls=/x.pem
        Admin:Users:0:Role=Viewer
        Admin:Users=bob
        Server:MaxConnections
        """;

    private static readonly IReadOnlyList<SettingsSection> Sections =
        SettingsSection.Of(new ServiceCollection().AddFeatures(new ConfigurationBuilder().Build()));

    public static int Read(byte[] bytes)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Parse(Encoding.UTF8.GetString(bytes))).Build();
        var problems = SettingsShape.Check(configuration, Sections);
        Targets.Require(
            problems.All(problem => problem.StartsWith(SettingNames.Root, StringComparison.Ordinal)), "a problem names no setting");
        if (problems.Count == 0)
        {
            RequireBound(configuration);
        }

        return Targets.Kind(
            Targets.Bucket(problems.Count), problems.Count == 0 ? 0 : Hash(problems[0]), problems.Count == 0 ? 0 : Hash(problems[^1]));
    }

    private static Dictionary<string, string?> Parse(string text)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n'))
        {
            var parts = line.Split('=', 2);
            settings[$"{SettingNames.Root}:{parts[0]}"] = parts.Length == 2 ? parts[1] : null;
        }

        return settings;
    }

    private static void RequireBound(IConfigurationRoot configuration)
    {
        var bound = Sections.SelectMany(section => Leaves(section.Path, section.Read(configuration)))
            .ToDictionary(leaf => leaf.Key, leaf => leaf.Value, StringComparer.OrdinalIgnoreCase);
        foreach (var (key, text) in configuration.AsEnumerable().Where(setting => setting.Value is not null))
        {
            Targets.Require(bound.TryGetValue(key, out var value), $"{key} = {text} was accepted and ignored");
            Targets.Require(
                Equals(value, TypeDescriptor.GetConverter(value!.GetType()).ConvertFromInvariantString(text!)),
                $"{key} = {text} was accepted and became {value}");
        }
    }

    private static IEnumerable<(string Key, object? Value)> Leaves(string path, object value) => value switch
    {
        _ when SettingType.KindOf(value.GetType()) == SettingKind.Value => [(path, value)],
        IDictionary dictionary => dictionary.Keys.Cast<string>().SelectMany(name => Leaves($"{path}:{name}", dictionary[name]!)),
        IEnumerable list => list.Cast<object>().SelectMany((entry, i) => Leaves($"{path}:{i}", entry)),
        _ => value.GetType().GetProperties().Where(property => property.GetValue(value) is not null)
            .SelectMany(property => Leaves($"{path}:{property.Name}", property.GetValue(value)!)),
    };

    // The problem's text as one of 64 kinds, without keys and values, because the input chooses those.
    private static int Hash(string problem) =>
        problem[(problem.IndexOf(": ", StringComparison.Ordinal) + 2)..].Take(14).Aggregate(0, (hash, letter) => (hash * 31) + letter) & 63;
}
