using System.CommandLine;
using Spectre.Console;

namespace NetworkProtocol.Cli.Admin;

/// <summary>What a command does that only looks: shows a view once, or with <c>--watch</c> again and again.</summary>
internal static class ReadAction
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    public static void Set(Command command, AdminArguments admin, Func<ParseResult, View> view, bool canWatch = false)
    {
        var watch = new Option<bool>("--watch") { Description = "Refresh every 2 s until Ctrl+C" };
        if (canWatch)
        {
            command.Add(watch);
        }

        admin.SetAction(command, (client, printer, parsed, cancellationToken) => canWatch && parsed.GetValue(watch)
            ? WatchAsync(client, printer, view(parsed), cancellationToken)
            : ShowAsync(client, printer, view(parsed), cancellationToken));
    }

    private static async Task ShowAsync(AdminClient client, Printer printer, View view, CancellationToken cancellationToken) =>
        printer.Print(await client.GetAsync(view.Path, cancellationToken), view);

    private static async Task WatchAsync(AdminClient client, Printer printer, View view, CancellationToken cancellationToken)
    {
        var first = await client.GetAsync(view.Path, cancellationToken); // before the screen is taken: it may fail
        if (printer.IsWatched)
        {
            await AnsiConsole.Live(Printer.Render(first, view)).Overflow(VerticalOverflow.Ellipsis).StartAsync(live =>
                RepeatAsync(client, view, first, answer => live.UpdateTarget(Printer.Render(answer, view)), cancellationToken));
        }
        else
        {
            await RepeatAsync(client, view, first, answer => printer.Print(answer, view), cancellationToken);
        }
    }

    private static async Task RepeatAsync(AdminClient client, View view, Answer answer, Action<Answer> show, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (true)
            {
                show(answer);
                await timer.WaitForNextTickAsync(cancellationToken);
                answer = await client.GetAsync(view.Path, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl+C is how one stops watching.
        }
    }
}
