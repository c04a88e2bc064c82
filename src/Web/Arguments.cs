using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web;

/// <summary>
/// The program's arguments. An argument that nothing reads is a problem: ASP.NET Core would ignore it, and the server would start without
/// the setting.
/// </summary>
internal sealed class Arguments
{
    /// <summary>The exit code for wrong arguments, the same as that of <c>netproto</c>.</summary>
    public const int WrongUsage = 2;

    private const string Dashes = "--";

    private readonly List<string> _configuration = [];
    private readonly List<string> _problems = [];

    private Arguments()
    {
    }

    /// <summary>Whether the program only checks the settings and ends.</summary>
    public bool ChecksConfiguration { get; private set; }

    /// <summary>Whether the program only prints the list of switches and ends.</summary>
    public bool WantsHelp { get; private set; }

    /// <summary>The path to request from the running server; null if the program is not a probe.</summary>
    public string? ProbePath { get; private set; }

    /// <summary>The arguments that are settings, for ASP.NET Core's configuration.</summary>
    public string[] Configuration => [.. _configuration];

    /// <summary>One line for each argument that nothing reads. The line contains no value, because a value may be a secret.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public static Arguments Parse(string[] words)
    {
        var arguments = new Arguments();
        for (var i = 0; i < words.Length;)
        {
            i += arguments.Take(words, i);
        }

        return arguments;
    }

    /// <returns>The number of words that belong to the argument.</returns>
    private int Take(string[] words, int at)
    {
        var word = words[at];
        ChecksConfiguration |= word == ConfigurationCheck.Argument;
        WantsHelp |= word is Switches.Help or "-h";
        if (SelfProbe.IsArgument(word))
        {
            ProbePath = SelfProbe.FindPath(words);
        }
        else if (word is not (ConfigurationCheck.Argument or Switches.Help or "-h"))
        {
            return TakeSetting(words, at);
        }

        return 1;
    }

    // The forms that the command line provider of ASP.NET Core reads: --key=value, /key=value, key=value, --key value, /key value.
    private int TakeSetting(string[] words, int at)
    {
        var (prefix, name, hasValue) = Split(words[at]);
        var hasNext = at + 1 < words.Length && !words[at + 1].StartsWith(Dashes, StringComparison.Ordinal);
        if (prefix == "-" || !Switches.IsSetting(name) || (prefix.Length == 0 && !hasValue))
        {
            _problems.Add(Describe(words, at, prefix, name));
            return prefix.Length > 0 && !hasValue && hasNext ? 2 : 1; // the next word was probably meant as the value
        }

        if (!hasValue && !hasNext)
        {
            _problems.Add($"{words[at]}: needs a value: write {Dashes}{name}=VALUE");
            return at + 1 < words.Length && !Switches.IsKnown(words[at + 1]) ? 2 : 1; // the next word may be the value, and a secret
        }

        var taken = hasValue ? 1 : 2;
        _configuration.AddRange(words[at..(at + taken)]);
        return taken;
    }

    private static (string Prefix, string Name, bool HasValue) Split(string word)
    {
        var prefix = Array.Find([Dashes, "-", "/"], candidate => word.StartsWith(candidate, StringComparison.Ordinal)) ?? "";
        var parts = word[prefix.Length..].Split('=', 2);
        return (prefix, parts[0], parts.Length == 2);
    }

    private static string Describe(string[] words, int at, string prefix, string name) =>
        at > 0 && words[at - 1] == SelfProbe.Argument && words[at].StartsWith('/')
            ? $"{words[at]}: write {SelfProbe.Argument}={words[at]}"
        : Switches.Nearest(name) is { } nearest ? $"{prefix}{name}: no such switch; did you mean {nearest}?"
        : prefix.Length > 0 ? $"{prefix}{name}: no such switch"
        : $"Argument {at + 1} belongs to no switch: write a value after the name of its switch, as {Dashes}NAME=VALUE";
}
