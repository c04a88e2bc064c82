using System.CommandLine;
using NetworkProtocol.Backup;
using NetworkProtocol.Backup.Age;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>The private keys, or the passphrase, that decrypt a backup.</summary>
internal sealed class IdentityOptions
{
    private readonly Option<string?> _keyFile = new("--identity-file")
    {
        Description = "A file of private keys, from netproto backup-key or age-keygen",
        HelpName = "file",
    };

    private readonly Option<string?> _passphraseFile = new("--passphrase-file")
    {
        Description = "A file whose first line is the passphrase; netproto asks for the passphrase if neither file is given",
        HelpName = "file",
    };

    /// <summary>Adds the options to a command.</summary>
    public IdentityOptions(Command command)
    {
        PathOptions.RefuseEmpty(_keyFile, _passphraseFile);
        command.Add(_keyFile);
        command.Add(_passphraseFile);
    }

    /// <summary>Reads the keys, or the passphrase, whichever the backup was made for.</summary>
    /// <exception cref="BackupUsageException">There is none, or the backup was made for the other kind.</exception>
    public async Task<IIdentity> ReadAsync(ParseResult parsed, FileStream backup, CancellationToken cancellationToken)
    {
        var isForPassphrase = HasPassphrase(backup);
        var keyFile = parsed.GetValue(_keyFile);
        if (isForPassphrase)
        {
            return keyFile is null
                ? await Passphrases.ReadAsync(parsed.GetValue(_passphraseFile), cancellationToken)
                : throw new BackupUsageException($"{backup.Name} was made with a passphrase: give --passphrase-file, not --identity-file");
        }

        if (keyFile is null)
        {
            throw new BackupUsageException($"{backup.Name} was made for keys: give a private key of one of them by --identity-file");
        }

        var keys = await KeyLines.ReadAsync("--identity-file", keyFile, cancellationToken);
        return keys.Length > 0
            ? new IdentityList([.. keys.Select(text => Parse(keyFile, text))])
            : throw new BackupUsageException($"--identity-file {keyFile}: holds no key");
    }

    private static bool HasPassphrase(FileStream backup)
    {
        try
        {
            return AgeHeader.Read(backup).Stanzas.Any(stanza => stanza.Type == Passphrase.Type);
        }
        catch (InvalidDataException e)
        {
            throw new BackupException($"{backup.Name} is damaged, or no backup: {e.Message}", e);
        }
    }

    // The error does not show the text, because it can be a secret with a typing error.
    private static X25519Identity Parse(string file, string text) => X25519Identity.Parse(text) ?? throw new BackupUsageException(
        $"--identity-file {file}: holds a line that is not a private key, AGE-SECRET-KEY-1..., as netproto backup-key writes");

    private sealed class IdentityList(X25519Identity[] identities) : IIdentity
    {
        public byte[]? Unwrap(IReadOnlyList<Stanza> stanzas) =>
            identities.Select(identity => identity.Unwrap(stanzas)).FirstOrDefault(key => key is not null);
    }
}
