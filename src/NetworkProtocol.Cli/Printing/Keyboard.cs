using Spectre.Console;

namespace NetworkProtocol.Cli.Printing;

/// <summary>
/// Asks the person at the keyboard. Questions go to standard error: standard output can be a file that holds nothing but the result.
/// </summary>
internal static class Keyboard
{
    private static readonly IAnsiConsole Terminal = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Console.Error),
        Interactive = InteractionSupport.Yes,
    });

    /// <summary>Asks yes or no; no is the default.</summary>
    public static Task<bool> ConfirmAsync(string question, CancellationToken cancellationToken) =>
        new ConfirmationPrompt(Markup.Escape(question)) { DefaultValue = false }.ShowAsync(Terminal, cancellationToken);

    /// <summary>Reads a text.</summary>
    public static Task<string> AskAsync(string question, CancellationToken cancellationToken) =>
        new TextPrompt<string>(Markup.Escape(question)).AllowEmpty().ShowAsync(Terminal, cancellationToken);

    /// <summary>Reads a text and does not show it.</summary>
    public static Task<string> AskSecretAsync(string question, CancellationToken cancellationToken) =>
        new TextPrompt<string>(Markup.Escape(question)).Secret(null).AllowEmpty().ShowAsync(Terminal, cancellationToken);
}
