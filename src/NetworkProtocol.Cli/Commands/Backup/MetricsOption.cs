using System.CommandLine;
using System.CommandLine.Parsing;
using NetworkProtocol.Backup;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary><c>--metrics</c>: who is to be told of a good backup.</summary>
internal sealed class MetricsOption
{
    private readonly Option<string?> _metrics = new("--metrics")
    {
        Description = $"A file for node_exporter's textfile collector, *{BackupMetrics.Ending}, that says when all of this last went well", HelpName = "file",
    };

    public MetricsOption(Command command)
    {
        PathOptions.RefuseEmpty(_metrics);
        _metrics.Validators.Add(RefuseWhatNobodyReads);
        command.Add(_metrics);
    }

    /// <exception cref="BackupException">The file could not be written.</exception>
    public async Task TellAsync(ParseResult parsed, string backup, CancellationToken cancellationToken)
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

    // Before the backup is made, and not when all that is left to do is this.
    private static void RefuseWhatNobodyReads(OptionResult result)
    {
        if (result.Tokens is [{ Value: { Length: > 0 } path }]
            && !(path.EndsWith(BackupMetrics.Ending, StringComparison.Ordinal) && Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path)))))
        {
            result.AddError($"--metrics {path}: must be named *{BackupMetrics.Ending}, in a folder that is there");
        }
    }
}
