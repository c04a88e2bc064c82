using Microsoft.Extensions.Hosting;

namespace NetworkProtocol.Web;

/// <summary>The names that an argument may have.</summary>
internal static class Switches
{
    public const string Help = "--help";

    /// <summary>What may be missing, superfluous or wrong in a name that is still taken for a known one: one letter in three.</summary>
    private const int LettersForAFault = 3;

    /// <summary>The first part of a setting's key. The last two are refused by <see cref="ConfigurationCheck"/>, which says what takes their place.</summary>
    private static readonly string[] Sections = [SettingNames.Root, SerilogOptions.Section, "AllowedHosts", "Kestrel", "Logging"];

    /// <summary>What ASP.NET Core's host reads.</summary>
    private static readonly string[] OfTheHost =
    [
        HostDefaults.ApplicationKey, HostDefaults.ContentRootKey, HostDefaults.EnvironmentKey,
        WebHostDefaults.CaptureStartupErrorsKey, WebHostDefaults.DetailedErrorsKey, WebHostDefaults.HostingStartupAssembliesKey,
        WebHostDefaults.HostingStartupExcludeAssembliesKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey,
        WebHostDefaults.PreferHostingUrlsKey, WebHostDefaults.PreventHostingStartupKey, WebHostDefaults.ServerUrlsKey,
        WebHostDefaults.ShutdownTimeoutKey, WebHostDefaults.StartupAssemblyKey, WebHostDefaults.StaticWebAssetsKey,
        WebHostDefaults.SuppressStatusMessagesKey, WebHostDefaults.WebRootKey, "https_port", "ForwardedHeaders_Enabled", "hostBuilder",
    ];

    /// <summary>The list of switches, for people.</summary>
    public static IEnumerable<string> List { get; } =
    [
        "Switches of the server:",
        $"  {ConfigurationCheck.Argument}               checks settings and certificates, and ends: 0 good, 1 wrong",
        $"  {SelfProbe.Argument}[=/ready]             asks the server that runs here for /health, or for the path, and ends: 0 good, 1 not",
        $"  {Help}                       prints this list",
        $"  --{SettingNames.Root}:KEY=VALUE  a setting, as --{SettingNames.Root}:Server:Listen=0.0.0.0:8443; docs/configuration.md lists them",
        $"  --{SerilogOptions.Section}:KEY=VALUE          which events are logged, as --{SerilogOptions.Section}:MinimumLevel:Default=Debug",
        "  --environment=VALUE          Development or Production, and what else ASP.NET Core's host has, as --contentRoot=VALUE",
    ];

    /// <summary>Whether a program of ASP.NET Core reads the key, or this one says why it must not be set.</summary>
    public static bool IsSetting(string key) =>
        Sections.Concat(OfTheHost).Contains(key.Split(':')[0], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a word is a switch, and no value that begins like one.</summary>
    public static bool IsKnown(string word) => word is Help or ConfigurationCheck.Argument || SelfProbe.IsArgument(word) || IsSetting(word.TrimStart('-').Split('=')[0]);

    /// <summary>The switch that was probably meant; null if none is similar.</summary>
    public static string? Nearest(string name)
    {
        var parts = name.Replace("__", ":", StringComparison.Ordinal).Split(':', 2);
        string[] names = [ConfigurationCheck.Argument[2..], SelfProbe.Argument[2..], Help[2..], .. Sections[..2], .. OfTheHost];
        var nearest = names.MinBy(known => Faults(known, parts[0]))!;
        return Faults(nearest, parts[0]) * LettersForAFault > nearest.Length ? null
            : Sections.Contains(nearest) ? $"--{nearest}:{(parts.Length == 2 ? parts[1] : "KEY")}=VALUE"
            : OfTheHost.Contains(nearest) ? $"--{nearest}=VALUE"
            : $"--{nearest}";
    }

    /// <summary>How many letters must be added, removed or exchanged to make one name of the other (Levenshtein's distance).</summary>
    private static int Faults(string known, string given)
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
