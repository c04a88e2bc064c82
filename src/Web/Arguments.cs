using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web;

/// <summary>What the program was started with. Whatever nothing would read is a problem: ASP.NET Core ignores it, and the server would start without it.</summary>
internal sealed class Arguments
{
    /// <summary>The exit code for wrong arguments, as <c>netproto</c> has it.</summary>
    public const int WrongUsage = 2;

    private const string Dashes = "--";

    private readonly List<string> _configuration = [];
    private readonly List<string> _problems = [];

    private Arguments()
    {
    }

    /// <summary>Whether only the settings are to be checked.</summary>
    public bool ChecksConfiguration { get; private set; }

    /// <summary>Whether the list of switches is wanted.</summary>
    public bool WantsHelp { get; private set; }

    /// <summary>The path that the running server is to be asked for; null: none.</summary>
    public string? ProbePath { get; private set; }

    /// <summary>Settings, for ASP.NET Core to read.</summary>
    public string[] Configuration => [.. _configuration];

    /// <summary>One line for each argument that nothing reads. It shows no value, which may be a secret.</summary>
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

    /// <returns>How many words were taken.</returns>
    private int Take(string[] words, int at)
    {
        var word = words[at];
        ChecksConfiguration |= word == ConfigurationCheck.Argument;
        WantsHelp |= word is Switches.Help or "-h";
        if (SelfProbe.IsArgument(word))
        {
            ProbePath = SelfProbe.PathIn(words);
        }
        else if (word is not (ConfigurationCheck.Argument or Switches.Help or "-h"))
        {
            return TakeSetting(words, at);
        }

        return 1;
    }

    // As the command line provider of ASP.NET Core reads them: --key=value, /key=value, key=value, --key value, /key value.
    private int TakeSetting(string[] words, int at)
    {
        var (prefix, name, hasValue) = Split(words[at]);
        var hasNext = at + 1 < words.Length && !words[at + 1].StartsWith(Dashes, StringComparison.Ordinal);
        if (prefix == "-" || !Switches.IsSetting(name) || (prefix.Length == 0 && !hasValue))
        {
            _problems.Add(Describe(words, at, prefix, name));
            return prefix.Length > 0 && !hasValue && hasNext ? 2 : 1; // what follows was meant as its value
        }

        if (!hasValue && !hasNext)
        {
            _problems.Add($"{words[at]}: needs a value: write {Dashes}{name}=VALUE");
            return at + 1 < words.Length && !Switches.IsKnown(words[at + 1]) ? 2 : 1; // what follows was meant as its value, and may be a secret
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
        at > 0 && words[at - 1] == SelfProbe.Argument && words[at].StartsWith('/') ? $"{words[at]}: write {SelfProbe.Argument}={words[at]}"
        : Switches.Nearest(name) is { } nearest ? $"{prefix}{name}: no such switch; did you mean {nearest}?"
        : prefix.Length > 0 ? $"{prefix}{name}: no such switch"
        : $"Argument {at + 1} belongs to no switch: write a value behind its name, as {Dashes}NAME=VALUE";
}
