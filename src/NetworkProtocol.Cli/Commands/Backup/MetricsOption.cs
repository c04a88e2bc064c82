using System.CommandLine;
using System.CommandLine.Parsing;
using NetworkProtocol.Backup;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary><c>--metrics</c>: the file from which Prometheus learns of a good backup.</summary>
internal sealed class MetricsOption
{
    private readonly Option<string?> _metrics = new("--metrics")
    {
        Description = $"A file for node_exporter's textfile collector, *{BackupMetrics.Ending}: it says when the last good backup was made",
        HelpName = "file",
    };

    /// <summary>Adds the option to a command.</summary>
    public MetricsOption(Command command)
    {
        PathOptions.RefuseEmpty(_metrics);
        _metrics.Validators.Add(RefuseUnread);
        command.Add(_metrics);
    }

    /// <summary>Writes the file, if it was asked for.</summary>
    /// <exception cref="BackupException">The file could not be written.</exception>
    public async Task WriteAsync(ParseResult parsed, string backup, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_metrics) is not { } metrics)
        {
            return;
        }

        try
        {
            await BackupMetrics.WriteAsync(metrics, TimeProvider.System.GetUtcNow(), new FileInfo(backup).Length, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"{backup} is made and verified, but {metrics} could not be written: {e.Message}", e);
        }
    }

    // node_exporter would not read the file. Found out when the options are read, because the backup would be made before the file is
    // written.
    private static void RefuseUnread(OptionResult result)
    {
        if (result.Tokens is [{ Value: { Length: > 0 } path }] && !IsRead(path))
        {
            result.AddError($"--metrics {path}: must be named *{BackupMetrics.Ending}, in a folder that exists");
        }
    }

    private static bool IsRead(string path) =>
        path.EndsWith(BackupMetrics.Ending, StringComparison.Ordinal) && Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path)));
}
