using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting.Systemd;

namespace NetworkProtocol.Web.Systemd;

/// <summary>What a systemd unit gives the program beside its arguments: folders for configuration and credentials, and an ear.</summary>
internal static class SystemdExtensions
{
    /// <summary>Tells systemd what the service does.</summary>
    public static void AddSystemdNotifications(this IServiceCollection services)
    {
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
        services.AddHostedService<ServiceNotifier>();
    }

    /// <summary>
    /// Adds the <c>appsettings.json</c> of <c>ConfigurationDirectory=</c>, then the files of <c>LoadCredential=</c>, each named after its
    /// setting as in <c>NetworkProtocol__Admin__Password</c>. Both come before environment variables and arguments, which go on to win.
    /// </summary>
    /// <returns>Warnings: files that are named after no setting are not read.</returns>
    /// <exception cref="InvalidDataException">Two credentials are one setting.</exception>
    public static IReadOnlyList<string> AddSystemdFolders(this ConfigurationManager configuration)
    {
        // The last of them is the one without a prefix: the host's own, with DOTNET_ and ASPNETCORE_, come before the files.
        var place = configuration.Sources.ToList().FindLastIndex(source => source is EnvironmentVariablesConfigurationSource);
        foreach (var folder in Folders("CONFIGURATION_DIRECTORY"))
        {
            configuration.Sources.Insert(place++, new JsonConfigurationSource
            {
                FileProvider = new PhysicalFileProvider(folder),
                Path = "appsettings.json",
                Optional = true,
            });
        }

        List<string> warnings = [];
        foreach (var folder in Folders("CREDENTIALS_DIRECTORY"))
        {
            var files = new PhysicalFileProvider(folder);
            warnings.AddRange(FindForeign(folder, files));
            configuration.Sources.Insert(place++, new KeyPerFileConfigurationSource { FileProvider = new SettingFiles(files) });
        }

        return warnings;
    }

    private static IEnumerable<string> FindForeign(string folder, PhysicalFileProvider files)
    {
        var names = files.GetDirectoryContents("").Where(file => !file.IsDirectory).Select(file => file.Name).ToList();
        if (SettingNames.FindTwice(names, $"the files of {folder}").FirstOrDefault() is { } twice)
        {
            throw new InvalidDataException(twice);
        }

        return names.Where(name => !SettingNames.IsSetting(name)).Select(name =>
            $"{Path.Combine(folder, name)} is not read, because its name is not the name of a setting; an example of such a name is NetworkProtocol__Admin__Password");
    }

    private static IEnumerable<string> Folders(string variable) =>
        (Environment.GetEnvironmentVariable(variable) ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Directory.Exists);
}
