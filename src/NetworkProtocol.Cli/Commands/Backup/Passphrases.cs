using NetworkProtocol.Cli.Printing;
using NetworkProtocol.Backup.Age;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>Reads a passphrase from the first line of a file, or from the keyboard.</summary>
internal static class Passphrases
{
    private const int Shortest = 12;

    private const string NothingToEncryptWith =
        "give --recipient, --recipient-file or --passphrase-file: a backup holds private keys, and is never written without encryption";

    /// <summary>The passphrase for a new backup; at the keyboard it has to be typed twice.</summary>
    public static async Task<Passphrase> ChooseAsync(string? file, CancellationToken cancellationToken)
    {
        var text = await ReadTextAsync(file, NothingToEncryptWith, cancellationToken);
        if (file is null && await Keyboard.AskSecretAsync("Once more:", cancellationToken) != text)
        {
            throw new BackupUsageException("the two passphrases are not the same");
        }

        return text.Length >= Shortest
            ? new Passphrase(text)
            : throw new BackupUsageException($"the passphrase must have {Shortest} characters or more");
    }

    /// <summary>The passphrase of a backup.</summary>
    public static async Task<Passphrase> ReadAsync(string? file, CancellationToken cancellationToken) =>
        new(await ReadTextAsync(file, "give --identity-file or --passphrase-file", cancellationToken));

    private static async Task<string> ReadTextAsync(string? file, string withoutKeyboard, CancellationToken cancellationToken)
    {
        if (file is not null)
        {
            var lines = File.Exists(file)
                ? File.ReadLinesAsync(file, cancellationToken)
                : throw new BackupUsageException($"--passphrase-file {file}: there is no such file");
            await foreach (var line in lines)
            {
                return line;
            }

            throw new BackupUsageException($"--passphrase-file {file}: is empty");
        }

        return Console.IsInputRedirected
            ? throw new BackupUsageException(withoutKeyboard)
            : await Keyboard.AskSecretAsync("Passphrase of the backup:", cancellationToken);
    }
}
