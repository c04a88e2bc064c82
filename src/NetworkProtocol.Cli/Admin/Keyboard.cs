using Spectre.Console;

namespace NetworkProtocol.Cli.Admin;

/// <summary>Questions to whoever is at the keyboard. They go to standard error: standard output may be a file that wants the answer alone.</summary>
internal static class Keyboard
{
    private static readonly IAnsiConsole Terminal = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Console.Error),
        Interactive = InteractionSupport.Yes,
    });

    public static Task<bool> ConfirmAsync(string question, CancellationToken cancellationToken) =>
        new ConfirmationPrompt(Markup.Escape(question)) { DefaultValue = false }.ShowAsync(Terminal, cancellationToken);

    /// <summary>Reads a text that does not show.</summary>
    public static Task<string> AskSecretAsync(string question, CancellationToken cancellationToken) =>
        new TextPrompt<string>(Markup.Escape(question)).Secret(null).AllowEmpty().ShowAsync(Terminal, cancellationToken);
}
