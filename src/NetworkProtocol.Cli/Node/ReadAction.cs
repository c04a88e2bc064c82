using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Printing;
using Spectre.Console;

namespace NetworkProtocol.Cli.Node;

/// <summary>The action of a command that only reads: it prints a view once, or with <c>--watch</c> again and again.</summary>
internal static class ReadAction
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>Sets the action, and adds <c>--watch</c> where it is possible.</summary>
    public static void Set(Command command, NodeArguments arguments, Func<ParseResult, View> view, bool canWatch = false)
    {
        var watch = new Option<bool>("--watch") { Description = "Refresh every 2 s until Ctrl+C" };
        if (canWatch)
        {
            command.Add(watch);
        }

        arguments.SetAction(command, (node, printer, parsed, cancellationToken) => canWatch && parsed.GetValue(watch)
            ? WatchAsync(node, printer, view(parsed), cancellationToken)
            : ShowAsync(node, printer, view(parsed), cancellationToken));
    }

    private static async Task ShowAsync(INodeView node, Printer printer, View view, CancellationToken cancellationToken) =>
        printer.Print(await view(node, cancellationToken));

    private static async Task WatchAsync(INodeView node, Printer printer, View view, CancellationToken cancellationToken)
    {
        var first = await view(node, cancellationToken); // it can fail, and then the terminal must be as it was
        if (printer.IsWatched)
        {
            await AnsiConsole.Live(Printer.Render(first)).Overflow(VerticalOverflow.Ellipsis).StartAsync(live =>
                RepeatAsync(node, view, first, printout => live.UpdateTarget(Printer.Render(printout)), cancellationToken));
        }
        else
        {
            await RepeatAsync(node, view, first, printer.Print, cancellationToken);
        }
    }

    private static async Task RepeatAsync(
        INodeView node, View view, Printout printout, Action<Printout> show, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (true)
            {
                show(printout);
                await timer.WaitForNextTickAsync(cancellationToken);
                printout = await view(node, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl+C is how a user stops watching.
        }
    }
}
