using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Fuzz;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using NetworkProtocol.Settings;
using NetworkProtocol.Web;
using NetworkProtocol.Web.Node;

namespace Integration.Tests.Settings;

/// <summary>The program refuses a value of the wrong shape for every setting and from every source.</summary>
public sealed class SettingsShapeTests
{
    private static readonly string[] Shapes = [
        "text", "number", "list", "section", "null", "empty list", "empty text", "empty section", "gap", "name"];

    public static TheoryData<string> Sources => ["file", "memory", "arguments", "credentials"];

    [Theory]
    [MemberData(nameof(Sources))]
    public void Each_setting_refuses_every_shape_but_its_own(string source)
    {
        foreach (var (path, type) in AllSettings.Find())
        {
            foreach (var shape in Shapes.Where(shape => source == "file" || shape is not ("null" or "empty list" or "empty section")))
            {
                var problems = Check(source, path, ValueOf(shape, type));
                Assert.True(
                    Fits(shape, path, type) == (problems.Count == 0),
                    $"{path} as {shape} from {source}: {string.Join(" | ", problems.DefaultIfEmpty("accepted"))}");
                Assert.All(problems, problem => Assert.StartsWith(path, problem, StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    [Fact]
    public void A_text_for_a_list_is_told_the_forms_that_work() => Assert.Equal(
        "NetworkProtocol:Http:MetricsNetworks = 10.0.9.0/24: must be a list: [\"10.0.9.0/24\"] in a file, "
            + "NetworkProtocol__Http__MetricsNetworks__0=10.0.9.0/24 in the environment, "
            + "--NetworkProtocol:Http:MetricsNetworks:0=10.0.9.0/24 as an argument",
        Assert.Single(Check("memory", "NetworkProtocol:Http:MetricsNetworks", JsonValue.Create("10.0.9.0/24"))));

    [Fact]
    public void An_empty_list_does_not_hide_that_another_source_has_entries()
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonStream(Stream("""{ "NetworkProtocol": { "Server": { "TrustedProxies": ["10.0.0.0/8"] } } }"""))
            .AddInMemoryCollection([new("NetworkProtocol:Server:TrustedProxies", "")]).Build();
        Assert.Contains("TrustedProxies", Assert.Single(Find(configuration)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NetworkProtocol", "x")]
    [InlineData("NetworkProtocol:Cluster:Provider", "Redis")]
    [InlineData("Serilog:MinimumLevel", "Debug")]
    [InlineData("Serilog:WriteTo:0:Name", "File")]
    [InlineData("Kestrel:Endpoints:More:Url", "http://127.0.0.1:0")]
    [InlineData("Kestrel:Certificates:Default:Path", "/x.pem")]
    [InlineData("Logging:LogLevel:Default", "Debug")]
    [InlineData("AllowedHosts:0", "server.example")]
    public void No_section_is_ignored(string key, string value) =>
        Assert.StartsWith(
            key.Split(':')[0], Assert.Single(Find(new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build())),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("Admin:Pasword", "hunter2")]
    [InlineData("Admin", "hunter2")]
    [InlineData("Admin:Users:bob", "hunter2")]
    [InlineData("Admin:Users", "hunter2")]
    [InlineData("Admin:OpenIdConnect", "hunter2")]
    [InlineData("Admin:Password:0", "hunter2")]
    [InlineData("Foo", "hunter2")]
    public void What_may_be_a_secret_is_not_repeated(string key, string value) => Assert.DoesNotContain(
        value, Assert.Single(Find(new ConfigurationBuilder().AddInMemoryCollection([new($"NetworkProtocol:{key}", value)]).Build())),
        StringComparison.Ordinal);

    /// <summary>Settings of any shape. If the check accepts a setting, the binder binds all of it and ignores nothing.</summary>
    [Fact]
    public void What_is_accepted_is_in_effect()
    {
        var paths = AllSettings.Find().Select(setting => setting.Path)
            .Where(path => path.StartsWith("NetworkProtocol:", StringComparison.Ordinal))
            .Select(path => path["NetworkProtocol:".Length..]).ToArray();
        var line = Gen.Select(
            OneOf(paths), OneOf("", ":0", ":1", ":a", ":chosen"), OneOf("", "=", "=7", "=00:00:05", "=true", "=Required", "=x"))
            .Select((path, below, value) => path + below + value);
        line.Array[1, 4].Sample(lines => { Targets.All["configuration"](Encoding.UTF8.GetBytes(string.Join('\n', lines))); }, iter: 3000);
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static bool Fits(string shape, string path, Type type) => SettingType.KindOf(type) switch
    {
        SettingKind.Value =>
            type == typeof(string) ? shape is "text" or "number" or "empty text" : shape == "text" || (shape == "number" && IsNumber(type)),
        SettingKind.List => shape is "list" or "empty list",
        SettingKind.Dictionary => shape is "null" or "empty section"
            || (shape is "section" or "name" && SettingType.DictionaryValue(type) == typeof(string)),
        // An entry without settings does not exist.
        _ => shape is "null" or "empty section" && !path.EndsWith(":chosen", StringComparison.Ordinal),
    };

    private static bool IsNumber(Type type) => type == typeof(int) || type == typeof(long);

    private static JsonNode? ValueOf(string shape, Type type) => shape switch
    {
        "text" => JsonValue.Create(SettingType.KindOf(type) == SettingKind.Value ? AllSettings.GoodValue(type) : "some text"),
        "number" => JsonValue.Create(7),
        "list" => new JsonArray("one", "two"),
        "section" => new JsonObject { ["a"] = "one" },
        "null" => null,
        "empty list" => new JsonArray(),
        "empty text" => JsonValue.Create(""),
        "empty section" => new JsonObject(),
        "gap" => new JsonObject { ["0"] = "one", ["2"] = "two" },
        _ => new JsonObject { ["00"] = "one" },
    };

    private static IReadOnlyList<string> Check(string source, string path, JsonNode? value)
    {
        var folder = Directory.CreateTempSubdirectory("shapes-");
        try
        {
            var configuration = new ConfigurationBuilder();
            if (source == "file")
            {
                JsonNode? root = value;
                foreach (var name in path.Split(':').Reverse())
                {
                    root = new JsonObject { [name] = root?.DeepClone() };
                }

                File.WriteAllText(Path.Combine(folder.FullName, "appsettings.json"), root!.ToJsonString());
                configuration.AddJsonFile(
                    new PhysicalFileProvider(folder.FullName), "appsettings.json", optional: false, reloadOnChange: false);
            }
            else
            {
                Add(configuration, source, folder.FullName, Flat(path, value!).ToList());
            }

            return Find(configuration.Build());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Add(ConfigurationBuilder configuration, string source, string folder, List<(string Key, string Value)> settings)
    {
        switch (source)
        {
            case "memory":
                configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
                break;
            case "arguments":
                configuration.AddCommandLine([.. settings.Select(setting => $"--{setting.Key}={setting.Value}")]);
                break;
            default:
                settings.ForEach(setting => File.WriteAllText(
                    Path.Combine(folder, setting.Key.Replace(":", "__", StringComparison.Ordinal)), setting.Value));
                configuration.AddKeyPerFile(folder);
                break;
        }
    }

    private static IEnumerable<(string Key, string Value)> Flat(string path, JsonNode value) => value switch
    {
        JsonObject section => section.SelectMany(property => Flat($"{path}:{property.Key}", property.Value!)),
        JsonArray list => list.SelectMany((entry, i) => Flat($"{path}:{i}", entry!)),
        _ => [(path, value.ToString())],
    };

    private static IReadOnlyList<string> Find(IConfiguration configuration) => ConfigurationCheck.Find(configuration, AllSettings.Sections);

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));
}
