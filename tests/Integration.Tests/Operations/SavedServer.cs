using System.Diagnostics;
using System.Text.Json;

namespace Integration.Tests.Operations;

/// <summary>A server with its own folders for configuration, certificate and state, and a key for its backups.</summary>
internal sealed class SavedServer : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("saved-");

    public string Configuration => InFolder("etc");

    public string State => InFolder("state");

    public string Backups => InFolder("backups");

    public string Key => InFolder("backup.key");

    /// <summary>The authority that clients trust.</summary>
    public string Authority => InFolder("ca.crt");

    /// <summary>The folder that backups are restored into.</summary>
    public string Restored => InFolder("new");

    /// <summary>The only backup that was made.</summary>
    public string OnlyBackup => Directory.GetFiles(Backups, "*.age").Single();

    public string Recipient { get; private set; } = "";

    /// <summary>The number of connections in the settings, which identifies the settings.</summary>
    public const int MaxConnections = 4321;

    public static async Task<SavedServer> CreateAsync()
    {
        var saved = new SavedServer();
        Directory.CreateDirectory(saved.State);
        Directory.CreateDirectory(Path.Combine(saved.Configuration, "tls"));
        using var files = CertificateFiles.Create();
        var (certificate, key) = (Path.Combine(saved.Configuration, "tls", "fullchain.pem"),
            Path.Combine(saved.Configuration, "tls", "privkey.pem"));
        File.Copy(files.Certificate, certificate);
        File.Copy(files.Key, key);
        File.Copy(files.Authority, saved.Authority);
        var settings = new
        {
            NetworkProtocol = new
            {
                Server = new { MaxConnections, Tls = new { Mode = "Required", CertificatePath = certificate, KeyPath = key } },
                Admin = new { DataPath = saved.State },
            },
        };
        await File.WriteAllTextAsync(Path.Combine(saved.Configuration, "appsettings.json"), JsonSerializer.Serialize(settings));
        saved.Recipient = (await RunAsync("backup-key", "--to", saved.Key)).Trim();
        return saved;
    }

    public string InFolder(string name) => Path.Combine(_folder.FullName, name);

    public Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(
        start => start.Environment["CONFIGURATION_DIRECTORY"] = Configuration, $"--NetworkProtocol:Admin:DataPath={State}");

    /// <summary>Makes a backup and returns its path.</summary>
    public async Task<string> BackUpAsync(params string[] arguments)
    {
        using var made = JsonDocument.Parse(await RunAsync([.. BackupArguments("--recipient", Recipient), "--json", .. arguments]));
        return made.RootElement.GetProperty("path").GetString()!;
    }

    public string[] BackupArguments(params string[] recipient) =>
        ["backup", "--to", Backups, "--configuration", Configuration, "--state", State, .. recipient];

    /// <summary>Makes a backup for the server's key, which must fail.</summary>
    public Task FailToBackUpAsync(int exitCode, string error, params string[] arguments) =>
        FailAsync(exitCode, error, BackupArguments(["--recipient", Recipient, .. arguments]));

    /// <summary>Restores a backup into <see cref="Restored"/>.</summary>
    public Task RestoreAsync(string backup) => RunAsync(RestoreArguments(backup));

    /// <summary>Restores a backup into <see cref="Restored"/>, which must fail.</summary>
    public Task FailToRestoreAsync(int exitCode, string error, string backup, params string[] arguments) =>
        FailAsync(exitCode, error, [.. RestoreArguments(backup), .. arguments]);

    /// <summary>Runs a command that must succeed, and returns its output.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await NetprotoProcess.RunAsync(arguments);
        Assert.Equal((0, ""), (exitCode, errors));
        return output;
    }

    /// <summary>Runs a command that must fail with one line on standard error.</summary>
    public static async Task FailAsync(int exitCode, string error, params string[] arguments)
    {
        var result = await NetprotoProcess.RunAsync(arguments);
        var line = Assert.Single(result.Errors.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("netproto: ", line, StringComparison.Ordinal);
        Assert.Contains(error, line, StringComparison.Ordinal);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
    }

    private string[] RestoreArguments(string backup) => ["restore", backup, "--identity-file", Key, "--into", Restored];

    /// <summary>Uses rm, because .NET cannot delete files whose names are not UTF-8.</summary>
    public void Dispose()
    {
        using var rm = Process.Start("rm", ["--recursive", "--force", _folder.FullName]);
        rm.WaitForExit();
    }
}
