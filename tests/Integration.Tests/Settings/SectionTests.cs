using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Access;

namespace Integration.Tests.Settings;

/// <summary>A section that another program or a feature of this program adds with one line.</summary>
public sealed class SectionTests
{
    private const string Path = "Weather";

    [Fact]
    public void It_is_bound_once_and_is_one_of_the_programs_sections()
    {
        var services = new ServiceCollection();
        services.AddSection<WeatherOptions>(Path);
        services.AddSection<WeatherOptions>(Path);
        var options = Build(
            services, ("Interval", "00:00:05"), ("Stations:0", "one"), ("Limits:wind", "7"), ("Proxy:Listen", "127.0.0.1:1")).Value;
        Assert.Equal(
            (TimeSpan.FromSeconds(5), "one", 7, "127.0.0.1:1"),
            (options.Interval, options.Stations.Single(), options.Limits["wind"], options.Proxy.Listen));
        var section = Assert.Single(SettingsSection.Of(services));
        Assert.Equal((Path, typeof(WeatherOptions)), (section.Path, section.Options));
    }

    [Theory]
    [InlineData("Interval", "00:00:00", "Weather:Interval = 00:00:00: must be 00:00:01 to 1.00:00:00")]
    [InlineData("Interval", "5", "Weather:Interval = 5: must be a duration as hh:mm:ss[.fff] with hours up to 23, or d.hh:mm:ss")]
    [InlineData("Intervall", "00:00:05", "Weather:Intervall = (hidden): no such setting; known are Interval, Key, Limits, Proxy, Stations")]
    [InlineData("Stations:0", "nowhere", "Weather:Stations:0 = nowhere: must be one or two")]
    [InlineData("Limits:wind", "11", "Weather:Limits:wind = 11: must be 0 to 10")]
    [InlineData("Key", "hunter2", "Weather:Key = (hidden): must be 1 to 3 letters")]
    [InlineData("Proxy:Listen", "8080", "Weather:Proxy:Listen = 8080: must be empty, or address:port, as 127.0.0.1:8080")]
    [InlineData("Proxy:Networks:0", "10.0.0.0", "Weather:Proxy:Networks:0 = 10.0.0.0: must be a network as 10.0.0.0/8")]
    [InlineData("Proxy:Networks", "10.0.0.0/8", "Weather:Proxy:Networks = 10.0.0.0/8: must be a list")]
    public void What_is_wrong_is_said_with_key_value_and_what_is_right(string key, string value, string problem)
    {
        var services = new ServiceCollection();
        services.AddSection<WeatherOptions>(Path);
        var e = Assert.Throws<OptionsValidationException>(() => Build(services, (key, value)).Value);
        Assert.StartsWith(problem, Assert.Single(e.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void All_values_that_are_out_of_range_are_found()
    {
        var options = new WeatherOptions
        {
            Interval = TimeSpan.Zero, Stations = { "one", "three", "four" }, Limits = { ["a"] = -1, ["b"] = 5 },
        };
        Assert.Equal(
            ["Weather:Interval = ", "Weather:Stations:1 = ", "Weather:Stations:2 = ", "Weather:Limits:a = "],
            SettingsValues.Check(Path, options).Select(problem => problem[..(problem.IndexOf('=', StringComparison.Ordinal) + 2)]));
        Assert.Empty(SettingsValues.Check(Path, new WeatherOptions()));
    }

    [Fact]
    public void A_section_has_one_type_of_options()
    {
        var services = new ServiceCollection();
        services.AddSection<WeatherOptions>(Path);
        Assert.Throws<InvalidOperationException>(() => services.AddSection<ProxyOptions>(Path));
    }

    [Fact]
    public void Null_is_a_fault_and_no_value()
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonStream(new MemoryStream("""{ "Weather": { "Key": null, "Proxy": { "Listen": null } } }"""u8.ToArray())).Build();
        Assert.Equal(("", ""), (configuration.Read<WeatherOptions>(Path).Key, configuration.Read<WeatherOptions>(Path).Proxy.Listen));
    }

    [Fact]
    public void Before_the_host_is_built_a_section_with_a_fault_has_its_defaults()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Weather:Interval", "x"), new("Weather:Key", "abc")]).Build();
        Assert.Equal(
            (TimeSpan.FromMinutes(1), ""),
            (configuration.Read<WeatherOptions>(Path).Interval, configuration.Read<WeatherOptions>(Path).Key));
    }

    private static IOptions<WeatherOptions> Build(IServiceCollection services, params (string Key, string Value)[] settings)
    {
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"{Path}:{setting.Key}", (string?)setting.Value)))
            .Build());
        return services.BuildServiceProvider().GetRequiredService<IOptions<WeatherOptions>>();
    }

    private sealed class WeatherOptions
    {
        [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
        public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

        [Shown]
        [AllowedValues("one", "two", ErrorMessage = "one or two")]
        public IList<string> Stations { get; } = [];

        [Range(0, 10)]
        public Dictionary<string, int> Limits { get; } = [];

        [RegularExpression("[a-z]{1,3}", ErrorMessage = "1 to 3 letters")]
        public string Key { get; set; } = "";

        public ProxyOptions Proxy { get; } = new();
    }

    private sealed class ProxyOptions
    {
        [Shown]
        [ListenAddress("127.0.0.1:8080", MayBeEmpty = true)]
        public string Listen { get; set; } = "";

        [Shown]
        [Network]
        public IList<string> Networks { get; } = [];
    }
}
