using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Settings;

/// <summary>Adds sections of settings to a program.</summary>
public static class SettingsExtensions
{
    /// <summary>
    /// Binds a section of the program's configuration to <see cref="IOptions{TOptions}"/>, and checks the section when the program starts:
    /// keys, types and shapes as <see cref="SettingsShape"/> does, and each value against the validation attributes of its property.
    /// <see cref="SettingsSection.Of"/> then contains the section. A second call for the same path has no effect.
    /// </summary>
    /// <typeparam name="TOptions">The options: a class with settable properties, or a dictionary with texts as keys.</typeparam>
    /// <param name="services">The program's services.</param>
    /// <param name="path">The section's key, as <c>NetworkProtocol:Server</c>.</param>
    /// <returns>The builder of the options, for checks that concern several settings.</returns>
    /// <exception cref="InvalidOperationException">The section has options of another type already.</exception>
    public static OptionsBuilder<TOptions> AddSection<TOptions>(this IServiceCollection services, string path)
        where TOptions : class, new()
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var options = services.AddOptions<TOptions>();
        var known = SettingsSection.Of(services).FirstOrDefault(section => section.Path.Equals(path, StringComparison.OrdinalIgnoreCase));
        if (known is not null)
        {
            return known.Options == typeof(TOptions)
                ? options
                : throw new InvalidOperationException(
                    $"The section {path} has the options {known.Options.Name}, and cannot have {typeof(TOptions).Name}.");
        }

        services.AddSingleton(new SettingsSection(
            path,
            typeof(TOptions),
            configuration => configuration.Read<TOptions>(path),
            provider => provider.GetRequiredService<IOptions<TOptions>>().Value));
        services.AddSingleton<IValidateOptions<TOptions>>(
            provider => new SectionValidator<TOptions>(provider.GetRequiredService<IConfiguration>(), path));
        return options.BindConfiguration(path).ValidateOnStart();
    }

    /// <summary>
    /// Reads a section's settings for code that needs them before the host is built. If <see cref="SettingsShape"/> finds a fault in the
    /// section, all settings have their defaults: the program does not start in that case, and the check of the section reports the fault.
    /// </summary>
    /// <typeparam name="TOptions">The section's options.</typeparam>
    /// <param name="configuration">The program's configuration.</param>
    /// <param name="path">The section's key.</param>
    public static TOptions Read<TOptions>(this IConfiguration configuration, string path)
        where TOptions : class, new()
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = new TOptions();
        if (SettingsShape.Check(configuration, path, typeof(TOptions)).Count == 0) // else the binder throws, or sets a text to null
        {
            configuration.GetSection(path).Bind(options);
        }

        return options;
    }
}
