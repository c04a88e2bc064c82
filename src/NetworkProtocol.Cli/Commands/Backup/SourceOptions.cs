using System.CommandLine;
using NetworkProtocol.Backup;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>The folders that are saved.</summary>
internal sealed class SourceOptions
{
    /// <summary>The names of the two standard sources, and their default folders.</summary>
    public static readonly IReadOnlyDictionary<string, string> Usual = new Dictionary<string, string>
    {
        [Configuration] = "/etc/network-protocol",
        [State] = "/var/lib/network-protocol",
    };

    private const string Configuration = "configuration";
    private const string State = "state";

    private readonly Option<string> _configuration = new("--configuration")
    {
        Description = "The server's settings, certificates and secrets",
        HelpName = "folder",
        DefaultValueFactory = _ => Usual[Configuration],
    };

    private readonly Option<string> _state = new("--state")
    {
        Description = "The server's audit log, bans, tokens, sessions and keys (Admin:DataPath)",
        HelpName = "folder",
        DefaultValueFactory = _ => Usual[State],
    };

    private readonly Option<string[]> _more = new("--source")
    {
        Description = "One more folder, as letsencrypt=/etc/letsencrypt; may be repeated",
        HelpName = "name=folder",
    };

    private readonly Option<string[]> _unwanted = new("--leave-out")
    {
        Description = "A file or folder that is not saved, by its path in the backup, as state/hub.db; may be repeated",
        HelpName = "path",
    };

    /// <summary>Adds the options to a command.</summary>
    public SourceOptions(Command command)
    {
        command.Add(_configuration);
        command.Add(_state);
        command.Add(_more);
        command.Add(_unwanted);
    }

    /// <summary>The folders that were given.</summary>
    /// <exception cref="BackupUsageException">
    /// A folder does not exist, two have the same name, or one holds another or the backups.
    /// </exception>
    public IReadOnlyList<SourceFolder> Read(ParseResult parsed, string backups)
    {
        var unwanted = (parsed.GetValue(_unwanted) ?? []).ToHashSet(StringComparer.Ordinal);
        var sources = new List<SourceFolder>
        {
            Find("--configuration", Configuration, parsed.GetValue(_configuration)!, unwanted),
            Find("--state", State, parsed.GetValue(_state)!, unwanted),
        };
        foreach (var text in parsed.GetValue(_more) ?? [])
        {
            var name = text.Split('=')[0];
            if (name.Length == text.Length || name.Length == 0
                || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            {
                throw new BackupUsageException(
                    $"--source {text}: must be a name of letters, digits, - and _, then = and a folder, as letsencrypt=/etc/letsencrypt");
            }

            sources.Add(Find("--source", name, text[(name.Length + 1)..], unwanted));
        }

        if (unwanted.FirstOrDefault(path => !sources.Exists(source => path.StartsWith(source.Name + '/', StringComparison.Ordinal)))
            is { } stray)
        {
            throw new BackupUsageException($"--leave-out {stray}: must begin with the name of a source, as state/hub.db");
        }

        if (sources.GroupBy(source => source.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new BackupUsageException($"--source {twice.Key}: that name is taken");
        }

        if (sources.Find(source => sources.Exists(other => other != source && other.Holds(source.Path))) is { } within)
        {
            throw new BackupUsageException($"{within.Path}: is within another source, so it would be saved twice");
        }

        return sources.Find(source => source.Holds(backups)) is { } around
            ? throw new BackupUsageException($"--to {backups}: is within {around.Path}, so the backups would be saved, too")
            : sources;
    }

    private static SourceFolder Find(string option, string name, string path, IReadOnlySet<string> unwanted) => Directory.Exists(path)
        ? new SourceFolder(name, Path.GetFullPath(path), FollowsLinks: name != State, unwanted)
        : throw new BackupUsageException($"{option} {path}: there is no such folder");
}
