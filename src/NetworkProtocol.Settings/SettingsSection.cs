using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace NetworkProtocol.Settings;

/// <summary>A section of the program's configuration that <see cref="SettingsExtensions.AddSection"/> has added.</summary>
public sealed class SettingsSection
{
    private readonly Func<IConfiguration, object> _read;
    private readonly Func<IServiceProvider, object> _inEffect;

    internal SettingsSection(string path, Type options, Func<IConfiguration, object> read, Func<IServiceProvider, object> inEffect) =>
        (Path, Options, _read, _inEffect) = (path, options, read, inEffect);

    /// <summary>The section's key, as <c>NetworkProtocol:Server</c>.</summary>
    public string Path { get; }

    /// <summary>The type of the section's options.</summary>
    public Type Options { get; }

    /// <summary>All sections of a program, in the order of registration.</summary>
    /// <param name="services">The program's services, before the service provider is built.</param>
    public static IReadOnlyList<SettingsSection> Of(IServiceCollection services) =>
        [.. services.Select(service => service.IsKeyedService ? null : service.ImplementationInstance).OfType<SettingsSection>()];

    /// <summary>The section's settings in the configuration, without later changes by the program.</summary>
    internal object Read(IConfiguration configuration) => _read(configuration);

    /// <summary>The section's settings in effect, with all changes by the program.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A value is not valid.</exception>
    public object InEffect(IServiceProvider services) => _inEffect(services);
}
