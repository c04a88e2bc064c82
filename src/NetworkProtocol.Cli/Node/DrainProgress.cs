using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Printing;
using Spectre.Console;

namespace NetworkProtocol.Cli.Node;

/// <summary>Shows the progress of a drain until the drain is done.</summary>
internal sealed class DrainProgress(INodeView node, Printer printer)
{
    private const string Undo = "netproto drain --watch shows the progress, netproto drain --undo undoes the drain";

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>Shows it.</summary>
    /// <exception cref="CommandException">The drain was undone, or the user stopped watching a drain that continues.</exception>
    /// <exception cref="NodeException">The node does not answer; its drain may continue.</exception>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (printer.IsWatched)
            {
                await AnsiConsole.Progress()
                    .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
                    .StartAsync(progress =>
                    {
                        var bar = progress.AddTask("drain");
                        return PollAsync(drain => Move(bar, drain), cancellationToken);
                    });
            }
            else
            {
                await PollAsync(drain => printer.Print(drain, Text(drain)), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw CommandException.Failed($"the drain continues; {Undo}");
        }
    }

    /// <summary>Asks until the drain is done, and shows each answer that differs from the one before.</summary>
    private async Task PollAsync(Action<DrainRow> show, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period);
        for (DrainRow? last = null; ; await timer.WaitForNextTickAsync(cancellationToken))
        {
            var drain = await node.DrainAsync(cancellationToken);
            if (drain.Stage == "none")
            {
                throw CommandException.Failed(
                    last is null ? "there is no drain" : "the drain was undone: the server accepts connections again");
            }

            if (drain != last)
            {
                show(drain);
                last = drain;
            }

            if (drain.Stage == "drained")
            {
                return;
            }
        }
    }

    private static void Move(ProgressTask bar, DrainRow drain)
    {
        bar.Description = Markup.Escape(Text(drain));
        bar.MaxValue = Math.Max(drain.Initial, 1);
        bar.Value = drain.Stage == "drained" ? bar.MaxValue : Math.Max(drain.Initial - drain.Remaining, 0);
    }

    private static string Text(DrainRow drain) => Printable.Of(drain.Stage switch
    {
        "announced" => $"announced: {drain.Remaining} connections; clients are not told to disconnect yet",
        "drained" => "drained: no connection is left",
        _ => $"{drain.Stage}: {drain.Remaining} of {drain.Initial} connections are left",
    });
}
