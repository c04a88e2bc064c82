using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting.Systemd;

namespace NetworkProtocol.Web.Systemd;

/// <summary>
/// Connects the program to its systemd unit: reads settings from the unit's folders for configuration and credentials, and notifies
/// systemd.
/// </summary>
internal static class SystemdExtensions
{
    /// <summary>Registers the notifications of <see cref="ServiceNotifier"/>.</summary>
    public static void AddSystemdNotifications(this IServiceCollection services)
    {
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
        services.AddHostedService<ServiceNotifier>();
    }

    /// <summary>
    /// Adds the <c>appsettings.json</c> of <c>ConfigurationDirectory=</c>, and then the files of <c>LoadCredential=</c>. The name of such a
    /// file is the name of its setting, as <c>NetworkProtocol__Admin__Password</c>. Environment variables and arguments override both.
    /// </summary>
    /// <returns>A warning for each file that is not read because its name is not the name of a setting.</returns>
    /// <exception cref="InvalidDataException">Two files are for the same setting.</exception>
    public static IReadOnlyList<string> AddSystemdFolders(this ConfigurationManager configuration)
    {
        // The last source of environment variables is the one without a prefix. The host's sources with the prefixes DOTNET_ and
        // ASPNETCORE_ stay before the files.
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
            warnings.AddRange(FindUnknownFiles(folder, files));
            configuration.Sources.Insert(place++, new KeyPerFileConfigurationSource { FileProvider = new SettingFiles(files) });
        }

        return warnings;
    }

    private static IEnumerable<string> FindUnknownFiles(string folder, PhysicalFileProvider files)
    {
        var names = files.GetDirectoryContents("").Where(file => !file.IsDirectory).Select(file => file.Name).ToList();
        if (SettingNames.FindDuplicates(names, $"the files of {folder}").FirstOrDefault() is { } twice)
        {
            throw new InvalidDataException(twice);
        }

        return names.Where(name => !SettingNames.IsSetting(name)).Select(name =>
            $"{Path.Combine(folder, name)} is not read, because its name is not the name of a setting; "
                + "an example of such a name is NetworkProtocol__Admin__Password");
    }

    private static IEnumerable<string> Folders(string variable) =>
        (Environment.GetEnvironmentVariable(variable) ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Directory.Exists);
}
