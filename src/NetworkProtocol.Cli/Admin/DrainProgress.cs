using System.Text.Json;
using Spectre.Console;

namespace NetworkProtocol.Cli.Admin;

/// <summary>Shows how far a drain is, until it is done.</summary>
internal sealed class DrainProgress(AdminClient client, Printer printer)
{
    private const string Undo = "netproto drain --watch shows the progress, netproto drain --undo undoes the drain";

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <exception cref="AdminException">It was undone, or is out of sight; it may well go on.</exception>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (printer.IsWatched)
            {
                await AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn()).StartAsync(progress =>
                {
                    var bar = progress.AddTask("drain");
                    return PollAsync(answer => Move(bar, answer.Root), cancellationToken);
                });
            }
            else
            {
                await PollAsync(answer => printer.Print(answer, Text(answer.Root)), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw AdminException.Failed($"the drain continues; {Undo}");
        }
    }

    /// <summary>Asks until it is done, and shows each answer that differs from the one before.</summary>
    private async Task PollAsync(Action<Answer> show, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period);
        for (var last = "";; await timer.WaitForNextTickAsync(cancellationToken))
        {
            var answer = await client.GetAsync("drain", cancellationToken);
            var stage = answer.Root.GetProperty("stage").GetString();
            if (stage == "none")
            {
                throw AdminException.Failed(last.Length == 0 ? "there is no drain" : "the drain was undone: the server accepts connections again");
            }

            if (answer.Line != last)
            {
                show(answer);
                last = answer.Line;
            }

            if (stage == "drained")
            {
                return;
            }
        }
    }

    private static void Move(ProgressTask bar, JsonElement drain)
    {
        var (initial, remaining, stage) = Read(drain);
        bar.Description = Markup.Escape(Text(drain));
        bar.MaxValue = Math.Max(initial, 1);
        bar.Value = stage == "drained" ? bar.MaxValue : Math.Max(initial - remaining, 0);
    }

    private static string Text(JsonElement drain)
    {
        var (initial, remaining, stage) = Read(drain);
        return Printable.Of(stage switch
        {
            "announced" => $"announced: {remaining} connections; clients are not asked to leave yet",
            "drained" => "drained: no connection is left",
            _ => $"{stage}: {remaining} of {initial} connections are left",
        });
    }

    private static (int Initial, int Remaining, string? Stage) Read(JsonElement drain) =>
        (drain.GetProperty("initial").GetInt32(), drain.GetProperty("remaining").GetInt32(), drain.GetProperty("stage").GetString());
}
