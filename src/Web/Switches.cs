using Microsoft.Extensions.Hosting;

namespace NetworkProtocol.Web;

/// <summary>The names of arguments that the program accepts.</summary>
internal static class Switches
{
    public const string Help = "--help";

    /// <summary>A wrong name is similar to a known name if at most one letter in this many is missing, superfluous or wrong.</summary>
    private const int LettersPerEdit = 3;

    /// <summary>
    /// The first parts of the keys of settings. <see cref="ConfigurationCheck"/> refuses the last two and names the settings to use
    /// instead.
    /// </summary>
    private static readonly string[] Sections = [SettingNames.Root, SerilogOptions.Section, "AllowedHosts", "Kestrel", "Logging"];

    /// <summary>The settings that ASP.NET Core's host reads.</summary>
    private static readonly string[] HostKeys =
    [
        HostDefaults.ApplicationKey, HostDefaults.ContentRootKey, HostDefaults.EnvironmentKey,
        WebHostDefaults.CaptureStartupErrorsKey, WebHostDefaults.DetailedErrorsKey, WebHostDefaults.HostingStartupAssembliesKey,
        WebHostDefaults.HostingStartupExcludeAssembliesKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey,
        WebHostDefaults.PreferHostingUrlsKey, WebHostDefaults.PreventHostingStartupKey, WebHostDefaults.ServerUrlsKey,
        WebHostDefaults.ShutdownTimeoutKey, WebHostDefaults.StartupAssemblyKey, WebHostDefaults.StaticWebAssetsKey,
        WebHostDefaults.SuppressStatusMessagesKey, WebHostDefaults.WebRootKey, "https_port", "ForwardedHeaders_Enabled", "hostBuilder",
    ];

    /// <summary>The list of switches that <c>--help</c> prints.</summary>
    public static IEnumerable<string> List { get; } =
    [
        "Switches of the server:",
        $"  {ConfigurationCheck.Argument}               checks settings and certificates, and ends: exit code 0 valid, 1 not valid",
        $"  {SelfProbe.Argument}[=/ready]             requests /health, or the path, from the server on this machine, and ends: "
            + "exit code 0 good, 1 not good",
        $"  {Help}                       prints this list",
        $"  --{SettingNames.Root}:KEY=VALUE  a setting, as --{SettingNames.Root}:Server:Listen=0.0.0.0:8443; "
            + "docs/configuration.md lists the settings",
        $"  --{SerilogOptions.Section}:KEY=VALUE          which events are logged, "
            + $"as --{SerilogOptions.Section}:MinimumLevel:Default=Debug",
        "  --environment=VALUE          Development or Production",
        "  --NAME=VALUE                 other settings of ASP.NET Core's host, as --contentRoot=VALUE",
    ];

    /// <summary>Whether ASP.NET Core or this program reads the key, or this program reports why the key must not be set.</summary>
    public static bool IsSetting(string key) =>
        Sections.Concat(HostKeys).Contains(key.Split(':')[0], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the word is a switch, and not a value that looks like a switch.</summary>
    public static bool IsKnown(string word) =>
        word is Help or ConfigurationCheck.Argument || SelfProbe.IsArgument(word) || IsSetting(word.TrimStart('-').Split('=')[0]);

    /// <summary>The switch that was probably meant; null if no switch is similar.</summary>
    public static string? Nearest(string name)
    {
        var parts = name.Replace("__", ":", StringComparison.Ordinal).Split(':', 2);
        string[] names = [ConfigurationCheck.Argument[2..], SelfProbe.Argument[2..], Help[2..], .. Sections[..2], .. HostKeys];
        var nearest = names.MinBy(known => EditDistance(known, parts[0]))!;
        return EditDistance(nearest, parts[0]) * LettersPerEdit > nearest.Length ? null
            : Sections.Contains(nearest) ? $"--{nearest}:{(parts.Length == 2 ? parts[1] : "KEY")}=VALUE"
            : HostKeys.Contains(nearest) ? $"--{nearest}=VALUE"
            : $"--{nearest}";
    }

    /// <summary>The number of letters to add, remove or replace to turn one name into the other (Levenshtein distance).</summary>
    private static int EditDistance(string known, string given)
    {
        var row = Enumerable.Range(0, known.Length + 1).ToArray();
        foreach (var letter in given)
        {
            var diagonal = row[0]++;
            for (var i = 1; i <= known.Length; i++)
            {
                var exchanged = diagonal + (char.ToUpperInvariant(known[i - 1]) == char.ToUpperInvariant(letter) ? 0 : 1);
                diagonal = row[i];
                row[i] = Math.Min(exchanged, Math.Min(diagonal, row[i - 1]) + 1);
            }
        }

        return row[^1];
    }
}
